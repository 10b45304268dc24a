//! What an administrator does.

use keystile_protocol::id::{ApplicationId, CredentialId, ProductVersionId, ServiceId};
use serde_json::{Value, json};

use super::{Caller, IssuedKey};
use crate::error::StageError;

/// An administrator with a token; one registry has one portal.
#[derive(Debug, Clone)]
pub struct Admin {
    caller: Caller,
    portal: String,
}

/// How a product version is published.
#[derive(Debug, Clone)]
pub struct Publication {
    /// How applications authenticate.
    pub strategy: String,
    /// Whether registrations are approved at once.
    pub auto_approve: bool,
}

/// A product version and its service.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    /// What an application registers for.
    pub id: ProductVersionId,
    /// What Envoy knows it as.
    pub service: ServiceId,
}

// === impl Admin ===

impl Admin {
    /// Acts through a caller that has a token; looks up which portal there is.
    pub fn new(caller: Caller) -> Result<Self, StageError> {
        let portal = caller
            .get("/v2/portals")?
            .expect(200)?
            .parse("/data/0/id")?;
        Ok(Self { caller, portal })
    }

    /// Returns the caller, for requests that have no function here.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Returns the id of the portal.
    pub fn portal(&self) -> &str {
        &self.portal
    }

    /// Changes portal settings.
    pub fn change_portal(&self, change: &Value) -> Result<(), StageError> {
        let path = format!("/v2/portals/{}", self.portal);
        self.caller.patch(&path, change)?.expect(200).map(drop)
    }

    /// Creates an API product and returns its id.
    pub fn create_product(&self, name: &str) -> Result<String, StageError> {
        self.caller
            .post("/v2/api-products", &json!({"name": name}))?
            .expect(201)?
            .parse("/id")
    }

    /// Creates a version of a product, and with it a service named after both.
    pub fn create_version(&self, product: &str, name: &str) -> Result<Version, StageError> {
        let path = format!("/v2/api-products/{product}/product-versions");
        let body = json!({"name": name});
        let answer = self.caller.post(&path, &body)?.expect(201)?;
        Ok(Version {
            id: answer.parse("/id")?,
            service: answer.parse("/gateway_service/id")?,
        })
    }

    /// Creates a version of a product for a service that is there already.
    pub fn create_version_of(
        &self,
        service: ServiceId,
        product: &str,
        name: &str,
    ) -> Result<ProductVersionId, StageError> {
        let path = format!("/v2/api-products/{product}/product-versions");
        let body = json!({"name": name, "gateway_service": {"id": service}});
        self.caller.post(&path, &body)?.expect(201)?.parse("/id")
    }

    /// Creates a key-auth strategy and returns its id.
    pub fn create_strategy(&self, name: &str, key_names: &[&str]) -> Result<String, StageError> {
        let strategy = json!({
            "name": name,
            "display_name": name,
            "strategy_type": "key_auth",
            "configs": {"key-auth": {"key_names": key_names}},
        });
        self.caller
            .post("/v2/application-auth-strategies", &strategy)?
            .expect(201)?
            .parse("/id")
    }

    /// Publishes a version with application registration enabled.
    pub fn publish(
        &self,
        version: ProductVersionId,
        publication: &Publication,
    ) -> Result<(), StageError> {
        let path = format!("/v2/portals/{}/product-versions", self.portal);
        let body = json!({
            "product_version_id": version,
            "publish_status": "published",
            "application_registration_enabled": true,
            "auto_approve_registration": publication.auto_approve,
            "auth_strategy_ids": [publication.strategy],
            "deprecated": false,
        });
        self.caller.post(&path, &body)?.expect(201).map(drop)
    }

    /// Creates a service with Key Authentication's form: Kong's parameters that differ from their
    /// defaults.
    pub fn create_service(&self, name: &str, key_auth: &Value) -> Result<ServiceId, StageError> {
        let body = json!({"name": name, "key_auth": key_auth});
        self.caller
            .post("/admin/v1/services", &body)?
            .expect(201)?
            .parse("/id")
    }

    /// Changes what is given of a service, and returns its name.
    pub fn change_service(&self, id: ServiceId, change: &Value) -> Result<String, StageError> {
        let path = format!("/admin/v1/services/{id}");
        self.caller
            .patch(&path, change)?
            .expect(200)?
            .parse("/name")
    }

    /// Returns the token of the newest link that was mailed to somebody.
    pub fn mailed_token(&self, recipient: &str) -> Result<String, StageError> {
        let answer = self.caller.get("/admin/v1/outbox")?.expect(200)?;
        let is_theirs = |mail: &&Value| mail.get("recipient").is_some_and(|to| to == recipient);
        let mail = answer.list()?.iter().find(is_theirs);
        let link = mail.and_then(|mail| mail.pointer("/content/link")?.as_str());
        link.and_then(|link| link.rsplit_once("token="))
            .map(|(_, token)| token.to_owned())
            // A link lets its holder in: the answer is not shown.
            .ok_or_else(|| StageError::unexpected("mailed link", &mail.is_some()))
    }

    /// Creates an application of nobody's.
    pub fn create_application(
        &self,
        name: &str,
        reference: &str,
    ) -> Result<ApplicationId, StageError> {
        let body = json!({"name": name, "reference_id": reference});
        self.caller
            .post("/admin/v1/applications", &body)?
            .expect(201)?
            .parse("/id")
    }

    /// Registers an application for a version, approved.
    pub fn register(
        &self,
        application: ApplicationId,
        version: ProductVersionId,
    ) -> Result<(), StageError> {
        let body = json!({"application_id": application, "product_version_id": version});
        self.caller
            .post("/admin/v1/registrations", &body)?
            .expect(201)
            .map(drop)
    }

    /// Generates a credential.
    pub fn issue_key(
        &self,
        application: ApplicationId,
        display_name: &str,
    ) -> Result<IssuedKey, StageError> {
        let path = format!("/admin/v1/applications/{application}/credentials");
        let body = json!({"display_name": display_name});
        let answer = self.caller.post(&path, &body)?.expect(201)?;
        IssuedKey::from_answer(&answer)
    }

    /// Generates a credential that ends at a time, as RFC 3339 writes it.
    pub fn issue_key_until(
        &self,
        application: ApplicationId,
        end: &str,
    ) -> Result<IssuedKey, StageError> {
        let path = format!("/admin/v1/applications/{application}/credentials");
        let body = json!({"expires_at": end});
        IssuedKey::from_answer(&self.caller.post(&path, &body)?.expect(201)?)
    }

    /// Deletes a credential.
    pub fn delete_credential(
        &self,
        application: ApplicationId,
        credential: CredentialId,
    ) -> Result<(), StageError> {
        let path = format!("/admin/v1/applications/{application}/credentials/{credential}");
        self.caller.delete(&path)?.expect(204).map(drop)
    }

    /// Lists the ids of registrations with a status.
    pub fn registrations(&self, status: &str) -> Result<Vec<String>, StageError> {
        let path = format!(
            "/v2/portals/{}/application-registrations?filter%5Bstatus%5D={status}",
            self.portal
        );
        self.caller.get(&path)?.expect(200)?.ids()
    }

    /// Lets an application's keys through to the version it registered for.
    pub fn approve(&self, of: ApplicationId, registration: &str) -> Result<(), StageError> {
        self.decide(of, registration, "approved")
    }

    /// Turns a request for access down.
    pub fn reject(&self, of: ApplicationId, registration: &str) -> Result<(), StageError> {
        self.decide(of, registration, "rejected")
    }

    /// Takes access back.
    pub fn revoke(&self, of: ApplicationId, registration: &str) -> Result<(), StageError> {
        self.decide(of, registration, "revoked")
    }

    fn decide(&self, of: ApplicationId, id: &str, status: &str) -> Result<(), StageError> {
        let path = format!(
            "/v2/portals/{}/applications/{of}/registrations/{id}",
            self.portal
        );
        let change = json!({"status": status});
        self.caller.patch(&path, &change)?.expect(200).map(drop)
    }
}
