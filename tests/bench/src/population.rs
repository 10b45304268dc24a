//! A registry with many keys: a process of its own, whose database was filled before it started.

mod bulk;

use serde_json::json;
use stage::api::Publication;
use stage::registry::{Database, Listeners, Registry};
use tokio::runtime::Handle;

use crate::error::BenchError;
use crate::sides::configuration::{BODY_SERVICE, Feed, SERVICE};

/// A registry and how many keys it knows.
#[derive(Debug)]
pub(crate) struct Population {
    /// The registry.
    pub(crate) registry: Registry,
    /// How many keys of [`crate::keys`] it knows, from number 0 on.
    pub(crate) keys: u64,
}

// === impl Population ===

impl Population {
    /// Fills a database, and starts a registry on it.
    ///
    /// Two services, and applications with ten keys each; all but the first are registered for the
    /// first service. The second one admits any key, in bodies too.
    pub(crate) fn raise(
        runtime: &Handle,
        database: &Database,
        keys: u64,
    ) -> Result<Self, BenchError> {
        let mut registry = Registry::prepare(database, Listeners::free()?)?;
        registry.start_again()?;
        let admin = registry.admin()?;
        let strategy = admin.create_strategy("key-auth", &["apikey"])?;
        let service = admin.create_service(SERVICE, &json!({}))?;
        let product = admin.create_product(SERVICE)?;
        let version = admin.create_version_of(service, &product, "v1")?;
        let publication = Publication {
            strategy,
            auto_approve: true,
        };
        admin.publish(version, &publication)?;
        admin.create_service(BODY_SERVICE, &json!({"key_in_body": true}))?;
        registry.kill();
        runtime.block_on(bulk::fill(registry.database(), version, keys))?;
        registry.start_again()?;
        Ok(Self { registry, keys })
    }

    /// Returns where gateways ask it.
    pub(crate) fn feed(&self) -> Feed {
        Feed {
            gateway: self.registry.listeners().gateway,
            token: self.registry.gateway_token().to_owned(),
        }
    }

    /// Gives its history a new name, as a restore does: every gateway reads everything again.
    pub(crate) fn begin_new_epoch(&mut self, runtime: &Handle) -> Result<(), BenchError> {
        self.registry.kill();
        runtime.block_on(bulk::begin_new_epoch(self.registry.database()))?;
        Ok(self.registry.start_again()?)
    }
}
