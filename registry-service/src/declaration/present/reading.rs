//! Reading it, list by list.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::declaration::answer::{by_name, member, some_of, specification, text, tree};
use crate::declaration::client::{Client, ClientError};
use crate::declaration::objects::{Kind, Name};
use crate::declaration::present::{Ids, Present, PresentError};

/// What is known so far.
struct Reading<'a> {
    client: &'a Client,
    ids: Ids,
    /// The names of strategies and applications, by id.
    names: BTreeMap<String, String>,
    /// Publications and services, by the version's id.
    publications: BTreeMap<String, Value>,
    services: BTreeMap<String, Value>,
}

/// Reads a registry.
pub fn read(client: &Client) -> Result<Present, PresentError> {
    let mut reading = Reading {
        client,
        ids: Ids::default(),
        names: BTreeMap::new(),
        publications: BTreeMap::new(),
        services: BTreeMap::new(),
    };
    let portal = reading.portal()?;
    let strategies = reading.strategies()?;
    reading.publications()?;
    let mut applications = reading.applications()?;
    let standalone = reading.services()?;
    let products = reading.products()?;
    reading.registrations(&mut applications)?;
    let declaration = json!({
        "keystile": 1,
        "portal": reading.settings(&portal),
        "strategies": strategies,
        "products": products,
        "applications": applications,
        "services": standalone,
    });
    Ok(Present {
        declaration: parsed("portal", declaration)?,
        ids: reading.ids,
    })
}

// === impl Reading ===

impl Reading<'_> {
    fn portal(&mut self) -> Result<Value, PresentError> {
        let portal = self.client.list("/v2/portals")?.into_iter().next();
        let portal = portal.unwrap_or_default();
        self.ids.portal = text(&portal, "id");
        self.ids.note(Name::new(Kind::Portal, &[]), &portal);
        Ok(portal)
    }

    fn settings(&self, portal: &Value) -> Value {
        let mut settings = some_of(
            portal,
            &[
                "name",
                "description",
                "is_public",
                "rbac_enabled",
                "auto_approve_developers",
                "auto_approve_applications",
                "revoke_keeps_traffic",
            ],
        );
        let strategy = self.name_of(member(portal, "default_application_auth_strategy_id"));
        settings.extend(strategy.map(|name| ("default_strategy".to_owned(), json!(name))));
        Value::Object(settings)
    }

    fn strategies(&mut self) -> Result<Vec<Value>, PresentError> {
        let mut strategies = Vec::new();
        for found in self.client.list("/v2/application-auth-strategies")? {
            let name = text(&found, "name");
            self.names.insert(text(&found, "id"), name.clone());
            self.ids.note(Name::new(Kind::Strategy, &[&name]), &found);
            let mut strategy = some_of(&found, &["name", "display_name"]);
            let config = member(member(&found, "configs"), "key-auth");
            strategy.extend(some_of(config, &["key_names", "ttl", "default_credential"]));
            strategies.push(Value::Object(strategy));
        }
        Ok(by_name(strategies, "name"))
    }

    fn publications(&mut self) -> Result<(), PresentError> {
        let path = format!("/v2/portals/{}/product-versions", self.ids.portal);
        for found in self.client.list(&path)? {
            let fields = [
                "publish_status",
                "application_registration_enabled",
                "auto_approve_registration",
            ];
            let mut publication = some_of(&found, &fields);
            let strategy = found.pointer("/auth_strategies/0/name").cloned();
            publication.extend(strategy.map(|name| ("strategy".to_owned(), name)));
            let version = text(&found, "product_version_id");
            self.publications
                .insert(version, Value::Object(publication));
        }
        Ok(())
    }

    fn applications(&mut self) -> Result<Vec<Value>, PresentError> {
        let path = format!("/v2/portals/{}/applications", self.ids.portal);
        let mut applications = Vec::new();
        for found in self.client.list(&path)? {
            let Some(reference) = member(&found, "reference_id").as_str() else {
                continue;
            };
            self.names.insert(text(&found, "id"), reference.to_owned());
            let name = Name::new(Kind::Application, &[reference]);
            self.ids.note(name, &found);
            if member(&found, "developer_id").is_null() {
                let fields = ["reference_id", "name", "description", "groups"];
                let mut application = some_of(&found, &fields);
                let strategy = self.name_of(member(&found, "auth_strategy_id"));
                application.extend(strategy.map(|name| ("strategy".to_owned(), json!(name))));
                application.insert("registrations".to_owned(), json!([]));
                applications.push(Value::Object(application));
            }
        }
        Ok(by_name(applications, "reference_id"))
    }

    /// Reads the services; returns those of no version, and keeps the others for theirs.
    fn services(&mut self) -> Result<Vec<Value>, PresentError> {
        let mut standalone = Vec::new();
        for found in self.client.list("/admin/v1/services")? {
            let service = self.service(&found)?;
            if let Some(version) = member(&found, "product_version_id").as_str() {
                let kept = json!({"id": member(&found, "id"), "service": service});
                self.services.insert(version.to_owned(), kept);
                continue;
            }
            let name = Name::new(Kind::Service, &[&text(&found, "name")]);
            self.ids.note(name, &found);
            standalone.push(service);
        }
        Ok(by_name(standalone, "name"))
    }

    fn service(&self, found: &Value) -> Result<Value, PresentError> {
        let mut service = some_of(found, &["name", "proxy_url", "acl", "public"]);
        let mut key_auth = member(found, "key_auth")
            .as_object()
            .cloned()
            .unwrap_or_default();
        key_auth.retain(|_, value| !value.is_null());
        if let Some(application) = key_auth.get("anonymous").cloned() {
            // One that is gone counts as none.
            let path = format!(
                "/v2/portals/{}/applications/{}",
                self.ids.portal,
                application.as_str().unwrap_or_default()
            );
            match self.name_of(&application) {
                Some(reference) => {
                    key_auth.insert("anonymous".to_owned(), json!(reference));
                }
                None if matches!(
                    self.client.get(&path),
                    Err(ClientError::Refused { status: 404, .. })
                ) =>
                {
                    key_auth.shift_remove("anonymous");
                }
                None => {
                    return Err(PresentError::Nameless {
                        service: text(found, "name"),
                        application: application.as_str().unwrap_or_default().to_owned(),
                    });
                }
            }
        }
        service.insert("key_auth".to_owned(), Value::Object(key_auth));
        Ok(Value::Object(service))
    }

    fn products(&mut self) -> Result<Vec<Value>, PresentError> {
        let mut products = Vec::new();
        for found in self.client.list("/v2/api-products")? {
            let (id, name) = (text(&found, "id"), text(&found, "name"));
            self.ids.note(Name::new(Kind::Product, &[&name]), &found);
            let fields = ["name", "description", "labels", "public_labels"];
            let mut product = some_of(&found, &fields);
            product.insert("documents".to_owned(), self.documents((&id, &name))?);
            product.insert("versions".to_owned(), self.versions((&id, &name))?);
            products.push(Value::Object(product));
        }
        Ok(by_name(products, "name"))
    }

    /// Reads the documents of a product, each with those beneath it.
    fn documents(&mut self, (id, product): (&str, &str)) -> Result<Value, PresentError> {
        let path = format!("/v2/api-products/{id}/documents");
        let mut beneath: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for item in self.client.list(&path)? {
            let found = self.client.get(&format!("{path}/{}", text(&item, "id")))?;
            let slug = text(&found, "slug");
            self.ids
                .note(Name::new(Kind::Document, &[product, &slug]), &found);
            let parent = text(&found, "parent_document_id");
            beneath.entry(parent).or_default().push(found);
        }
        Ok(tree(&mut beneath, ""))
    }

    fn versions(&mut self, (id, product): (&str, &str)) -> Result<Value, PresentError> {
        let path = format!("/v2/api-products/{id}/product-versions");
        let mut versions = Vec::new();
        for found in self.client.list(&path)? {
            let (version, name) = (text(&found, "id"), text(&found, "name"));
            let names = [product, name.as_str()];
            self.ids.note(Name::new(Kind::Version, &names), &found);
            let mut shown = some_of(&found, &["name", "deprecated"]);
            let specifications = format!("{path}/{version}/specifications");
            if let Some(found) = self.client.list(&specifications)?.into_iter().next() {
                self.ids
                    .note(Name::new(Kind::Specification, &names), &found);
                shown.insert("specification".to_owned(), specification(&found));
            }
            if let Some(found) = self.services.remove(&version) {
                self.ids.note(Name::new(Kind::Service, &names), &found);
                shown.insert("service".to_owned(), member(&found, "service").clone());
            }
            if let Some(publication) = self.publications.remove(&version) {
                shown.insert("publication".to_owned(), publication);
            }
            versions.push(Value::Object(shown));
        }
        Ok(Value::Array(by_name(versions, "name")))
    }

    /// Reads what applications of nobody's may call, into them.
    fn registrations(&mut self, applications: &mut [Value]) -> Result<(), PresentError> {
        let portal = &self.ids.portal;
        let path = format!("/v2/portals/{portal}/application-registrations");
        for found in self.client.list(&path)? {
            let Some(reference) = self.name_of(member(&found, "application_id")) else {
                continue;
            };
            let mut all = applications.iter_mut();
            let owner =
                all.find(|one| member(one, "reference_id").as_str() == Some(reference.as_str()));
            let Some(owner) = owner else { continue };
            let (product, version) = (
                text(&found, "product_name"),
                text(&found, "product_version_name"),
            );
            let name = Name::new(Kind::Registration, &[&reference, &product, &version]);
            self.ids.note(name, &found);
            let shown =
                json!({"product": product, "version": version, "status": member(&found, "status")});
            if let Some(Value::Array(list)) = owner.get_mut("registrations") {
                list.push(shown);
                list.sort_by_key(|one| (text(one, "product"), text(one, "version")));
            }
        }
        Ok(())
    }

    fn name_of(&self, id: &Value) -> Option<String> {
        id.as_str().and_then(|id| self.names.get(id)).cloned()
    }
}

fn parsed<T: DeserializeOwned>(what: &'static str, value: Value) -> Result<T, PresentError> {
    serde_json::from_value(value).map_err(|source| PresentError::Unknown { what, source })
}
