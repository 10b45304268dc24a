//! A service as pages show it: what routes call it, where keys may be, which plugins are at work.

use serde::Serialize;
use serde_json::{Value, json};

use crate::administration::publications::PublicationView;
use crate::administration::versions::VersionView;
use crate::administration::{applications, plugins};
use crate::domain::id::ProductVersionId;
use crate::domain::product::ApiProduct;
use crate::domain::service::Service;
use crate::http::pages::PageError;
use crate::http::pages::admin::desk::{Desk, found};

/// Where examples send requests while a service has no URL.
const EXAMPLE_URL: &str = "{PROXY_URL}";

/// A service and what it names.
#[derive(Serialize)]
pub(super) struct ServiceView {
    id: String,
    name: String,
    proxy_url: Option<String>,
    example_url: String,
    public: bool,
    anonymous: Option<Value>,
    is_body_on: bool,
}

/// A plugin of a service, as Kong's pages list them.
#[derive(Serialize)]
pub(super) struct Shown {
    name: String,
    is_enabled: bool,
    parameters: Vec<(String, String)>,
}

/// The version that a service belongs to.
#[derive(Serialize)]
pub(super) struct Owner {
    pub(super) path: String,
    pub(super) name: String,
}

// === impl ServiceView ===

impl ServiceView {
    /// Reads what a service names.
    pub(super) async fn read(
        desk: &Desk,
        service: Option<&Service>,
    ) -> Result<Option<Self>, PageError> {
        let Some(service) = service else {
            return Ok(None);
        };
        let anonymous = match service.key_auth.anonymous {
            Some(id) => {
                let found = found(applications::lookup(&desk.acting, id).await)?;
                let name = found.map(|view| view.application.name.to_string());
                Some(json!({"id": id, "name": name}))
            }
            None => None,
        };
        let proxy_url = service.proxy_url.as_ref().map(ToString::to_string);
        Ok(Some(Self {
            id: service.id.to_string(),
            name: service.name.to_string(),
            example_url: proxy_url.clone().unwrap_or_else(|| EXAMPLE_URL.to_owned()),
            proxy_url,
            public: service.public,
            anonymous,
            is_body_on: service.key_auth.key_in_body,
        }))
    }
}

// === impl Owner ===

impl Owner {
    /// Names a version of a product.
    pub(super) fn of(product: &ApiProduct, view: &VersionView) -> Self {
        let version = &view.version;
        Self {
            path: format!("/products/{}/versions/{}", version.product, version.id),
            name: format!("{} {}", product.name, version.name),
        }
    }
}

/// Reads the plugins at work for a service, with every parameter by its name.
pub(super) async fn plugins(
    desk: &Desk,
    service: &Service,
    publication: Option<&PublicationView>,
) -> Result<Vec<Shown>, PageError> {
    let mut shown = vec![registration(publication)];
    for plugin in plugins::of_service(&desk.acting, service.id).await? {
        let plugin = serde_json::to_value(plugin).unwrap_or_default();
        shown.push(enforced(&plugin, service.product_version));
    }
    for name in ["key-auth", "acl"] {
        if !shown.iter().any(|plugin| plugin.name == name) {
            shown.push(Shown {
                name: name.to_owned(),
                is_enabled: false,
                parameters: Vec::new(),
            });
        }
    }
    Ok(shown)
}

fn registration(publication: Option<&PublicationView>) -> Shown {
    let terms = publication.map(|view| &view.publication);
    let strategy = publication.and_then(|view| view.strategy.as_ref());
    let strategy = strategy.map_or("none: closed", |one| one.display_name.as_str());
    let auto_approve = terms.is_some_and(|terms| terms.auto_approve_registration);
    Shown {
        name: "application-registration".to_owned(),
        is_enabled: terms.is_some_and(|terms| terms.application_registration_enabled),
        parameters: vec![
            ("strategy".to_owned(), strategy.to_owned()),
            ("auto_approve".to_owned(), text(&auto_approve.into())),
        ],
    }
}

/// Returns a plugin as the operation tells of it: its name, and its parameters as an object.
fn enforced(plugin: &Value, version: Option<ProductVersionId>) -> Shown {
    let gate = version.map(|version| json!([version]));
    let parameter = |(name, value): (&String, &Value)| {
        let shown = match (name.as_str(), value) {
            ("allow", value) if Some(value) == gate.as_ref() => {
                "applications approved for this version".to_owned()
            }
            ("key_names", Value::Null) => "apikey".to_owned(),
            (_, value) => text(value),
        };
        (name.clone(), shown)
    };
    let parameters = plugin.get("config").and_then(Value::as_object);
    Shown {
        name: plugin.get("name").map(text).unwrap_or_default(),
        is_enabled: true,
        parameters: parameters
            .map(|all| all.iter().map(parameter).collect())
            .unwrap_or_default(),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => "nobody".to_owned(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
