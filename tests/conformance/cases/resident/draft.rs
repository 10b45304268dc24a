//! What a registry keeps, made but not kept yet.

use keystile_registry::Registry;
use keystile_registry::domain::application::Application;
use keystile_registry::domain::credential::{Credential, ImportedKey, InvalidKey, WeakKeys};
use keystile_registry::domain::id::{ApplicationId, CredentialId, ServiceId};
use keystile_registry::domain::service::{InvalidService, KeyAuth, Service, ServiceName};
use keystile_registry::domain::text::{InvalidText, Line};

/// Returns an application without a developer, as administrators declare one.
pub fn application(registry: &Registry, name: &str) -> Result<Application, InvalidText> {
    let now = registry.clock.now();
    Ok(Application {
        id: ApplicationId(registry.random.uuid()),
        developer: None,
        auth_strategy: None,
        name: Line::parse(name)?,
        description: None,
        redirect_uri: None,
        reference_id: None,
        suspended_at: None,
        created_at: now,
        updated_at: now,
    })
}

/// Returns the credential of a key with a value somebody chose; it never expires.
pub fn credential(
    registry: &Registry,
    application: ApplicationId,
    key: &str,
) -> Result<Credential, InvalidKey> {
    let now = registry.clock.now();
    let imported = ImportedKey::parse(key, WeakKeys::Allowed)?;
    Ok(Credential {
        id: CredentialId(registry.random.uuid()),
        application,
        // Nothing of the key: names are shown.
        display_name: Line::parse("imported").map_err(|_| InvalidKey::Length)?,
        digest: imported.digest,
        hint: imported.hint,
        expires_at: None,
        suspended_at: None,
        created_at: now,
        updated_at: now,
    })
}

/// Returns a service that admits every live key.
pub fn service(
    registry: &Registry,
    name: &str,
    key_auth: KeyAuth,
) -> Result<Service, InvalidService> {
    let now = registry.clock.now();
    Ok(Service {
        id: ServiceId(registry.random.uuid()),
        name: ServiceName::parse(name)?,
        product_version: None,
        proxy_url: None,
        key_auth,
        acl: None,
        public: false,
        created_at: now,
        updated_at: now,
    })
}
