//! What is in the registry before a journey begins.

use std::time::Duration;

use keystile_protocol::id::{ApplicationId, CredentialId, ProductVersionId, ServiceId};
use keystile_registry::domain::timestamp::Timestamp;
use serde_json::{Value, json};
use stage::api::{Admin, IssuedKey, Publication};
use stage::client::Request;
use stage::error::StageError;
use stage::registry::Registry;
use stage::scene::Scene;

/// How long things may take that have no promise, such as a first answer after a cold start.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How long a change may take to reach every worker: what is promised.
pub(crate) const PROPAGATION: Duration = Duration::from_secs(1);

/// An administrator and an application named `Umbrella`.
///
/// The administrator makes everything: how developers get there is the flows' story.
pub(crate) struct World {
    admin: Admin,
    pub(crate) application: ApplicationId,
    strategy: String,
}

// === impl World ===

impl World {
    /// Creates it in an empty registry.
    pub(crate) fn found(registry: &Registry) -> Result<Self, StageError> {
        let admin = registry.admin()?;
        let strategy = admin.create_strategy("key-auth", &["apikey"])?;
        admin.change_portal(&json!({
            "is_public": false,
            "default_application_auth_strategy_id": strategy,
        }))?;
        let application = admin.create_application("Umbrella", "umbrella-1")?;
        Ok(Self {
            admin,
            application,
            strategy,
        })
    }

    /// Publishes a service of its own product version, with Kong's parameters that are not their
    /// defaults; nobody is registered for it.
    pub(crate) fn publish(&self, name: &str, key_auth: &Value) -> Result<ServiceId, StageError> {
        self.offer(name, key_auth).map(|(service, _)| service)
    }

    /// Publishes a service and registers the application for it.
    pub(crate) fn join(&self, name: &str, key_auth: &Value) -> Result<ServiceId, StageError> {
        let (service, version) = self.offer(name, key_auth)?;
        self.admin.register(self.application, version)?;
        Ok(service)
    }

    /// Creates a service without a product version: any application's key is good for it.
    pub(crate) fn open(&self, name: &str) -> Result<ServiceId, StageError> {
        self.admin.create_service(name, &json!({}))
    }

    /// Generates a key of a second application.
    pub(crate) fn key_of_another(&self) -> Result<IssuedKey, StageError> {
        let another = self.admin.create_application("Soylent", "soylent-1")?;
        self.admin.issue_key(another, "of a journey")
    }

    /// Generates a key of the application.
    pub(crate) fn key(&self) -> Result<IssuedKey, StageError> {
        self.admin.issue_key(self.application, "of a journey")
    }

    /// Generates a key of the application that ends at a time.
    pub(crate) fn key_until(&self, end: Timestamp) -> Result<IssuedKey, StageError> {
        self.admin
            .issue_key_until(self.application, &end.to_string())
    }

    /// Gives the application a key that was made elsewhere.
    pub(crate) fn import(&self, key: &str) -> Result<CredentialId, StageError> {
        let path = format!("/admin/v1/applications/{}/credentials", self.application);
        let answer = self.admin.caller().post(&path, &json!({"key": key}))?;
        answer.expect(201)?.parse("/id")
    }

    /// Deletes a key of the application.
    pub(crate) fn delete(&self, key: &IssuedKey) -> Result<(), StageError> {
        self.delete_id(key.id)
    }

    /// Deletes a key of the application that was made elsewhere.
    pub(crate) fn delete_id(&self, id: CredentialId) -> Result<(), StageError> {
        self.admin.delete_credential(self.application, id)
    }

    /// Returns when a key of the application was last used, as far as the registry has been told.
    pub(crate) fn last_used(&self, key: &IssuedKey) -> Result<Option<Timestamp>, StageError> {
        let path = format!("/admin/v1/applications/{}/credentials", self.application);
        let list = self.admin.caller().get(&path)?.expect(200)?;
        let keys = list.body["data"].as_array().cloned().unwrap_or_default();
        let id = key.id.to_string();
        let used = keys.iter().find(|one| one["id"] == *id);
        let used = used.and_then(|one| one["last_used_at"].as_str());
        Ok(used.and_then(|text| text.parse().ok()))
    }

    /// Returns what the admin API says of the gateways.
    pub(crate) fn gateways(&self) -> Result<Value, StageError> {
        let answer = self.admin.caller().get("/admin/v1/gateways")?.expect(200)?;
        Ok(answer.body)
    }

    fn offer(
        &self,
        name: &str,
        key_auth: &Value,
    ) -> Result<(ServiceId, ProductVersionId), StageError> {
        let service = self.admin.create_service(name, key_auth)?;
        let product = self.admin.create_product(name)?;
        let version = self.admin.create_version_of(service, &product, "v1")?;
        let publication = Publication {
            strategy: self.strategy.clone(),
            auto_approve: true,
        };
        self.admin.publish(version, &publication)?;
        Ok((service, version))
    }
}

/// Offers `weather-v1`, whose keys may be in bodies too, and returns when Envoy lets a key of it in.
pub(crate) fn searched(scene: &Scene) -> (World, String) {
    let world = World::found(&scene.registry).unwrap();
    world
        .join("weather-v1", &json!({"key_in_body": true}))
        .unwrap();
    let key = world.key().unwrap().key;
    let allowed = with_key("/control", &key);
    scene.envoy.send_until(200, PATIENCE, &allowed).unwrap();
    (world, key)
}

/// Makes a `GET` request with a key in the documented header.
pub(crate) fn with_key(target: &str, key: &str) -> Request {
    Request::get(target).header("apikey", key)
}
