//! What an administrator does.

use keystile_protocol::id::{ApplicationId, ProductVersionId, ServiceId};
use serde_json::{Value, json};

use super::Caller;
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

/// A service as an administrator describes it.
#[derive(Debug, Clone)]
pub struct NewService {
    /// What route metadata calls it.
    pub name: String,
    /// The product version whose registrations it asks for.
    pub version: Option<ProductVersionId>,
    /// Key Authentication's form: Kong's parameters that differ from their defaults.
    pub key_auth: Value,
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

    /// Creates a version of a product.
    pub fn create_version(
        &self,
        product: &str,
        name: &str,
    ) -> Result<ProductVersionId, StageError> {
        let path = format!("/v2/api-products/{product}/product-versions");
        self.caller
            .post(&path, &json!({"name": name}))?
            .expect(201)?
            .parse("/id")
    }

    /// Creates a key-auth strategy and returns its id.
    pub fn create_strategy(&self, name: &str, key_names: &[&str]) -> Result<String, StageError> {
        let strategy = json!({
            "name": name,
            "display_name": name,
            "strategy_type": "key_auth",
            "configs": {"key_auth": {"key_names": key_names}},
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

    /// Creates a service.
    pub fn create_service(&self, service: &NewService) -> Result<ServiceId, StageError> {
        let body = json!({
            "name": service.name,
            "product_version_id": service.version,
            "proxy_url": "http://localhost:8000/mock",
            "key_auth": service.key_auth,
        });
        self.caller
            .post("/admin/v1/services", &body)?
            .expect(201)?
            .parse("/id")
    }

    /// Changes Key Authentication's form of a service.
    pub fn change_key_auth(&self, service: ServiceId, key_auth: &Value) -> Result<(), StageError> {
        let path = format!("/admin/v1/services/{service}");
        let body = json!({"key_auth": key_auth});
        self.caller.patch(&path, &body)?.expect(200).map(drop)
    }

    /// Creates an approved developer with a password and returns their id.
    pub fn create_developer(&self, email: &str, password: &str) -> Result<String, StageError> {
        let body = json!({
            "email": email,
            "full_name": "Ada Example",
            "status": "approved",
            "password": password,
        });
        self.caller
            .post("/admin/v1/developers", &body)?
            .expect(201)?
            .parse("/id")
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
