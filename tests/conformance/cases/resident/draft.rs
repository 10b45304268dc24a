//! What a registry keeps, made but not kept yet.

use keystile_registry::Registry;
use keystile_registry::domain::application::Application;
use keystile_registry::domain::auth_strategy::AuthStrategy;
use keystile_registry::domain::credential::{Credential, ImportedKey, InvalidKey, WeakKeys};
use keystile_registry::domain::developer::{Developer, DeveloperStatus};
use keystile_registry::domain::id::{
    ApiProductId, ApplicationId, AuthStrategyId, CredentialId, DeveloperId, ProductVersionId,
    PublicationId, RegistrationId, ServiceId,
};
use keystile_registry::domain::product::{ApiProduct, Labels, ProductVersion};
use keystile_registry::domain::publication::{Publication, PublishStatus};
use keystile_registry::domain::registration::{Registration, RegistrationStatus};
use keystile_registry::domain::service::{InvalidService, KeyAuth, KeyNames, Service, ServiceName};
use keystile_registry::domain::text::{Email, InvalidText, Line};

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
        last_used_at: None,
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

/// Returns a developer who has been approved.
pub fn developer(registry: &Registry, email: &str) -> Result<Developer, InvalidText> {
    let now = registry.clock.now();
    Ok(Developer {
        id: DeveloperId(registry.random.uuid()),
        email: Email::parse(email)?,
        full_name: Line::parse("Ada Example")?,
        status: DeveloperStatus::Approved,
        created_at: now,
        updated_at: now,
    })
}

/// Returns an auth strategy with these names for keys.
pub fn auth_strategy(
    registry: &Registry,
    key_names: KeyNames,
) -> Result<AuthStrategy, InvalidText> {
    let now = registry.clock.now();
    Ok(AuthStrategy {
        id: AuthStrategyId(registry.random.uuid()),
        name: Line::parse("key-auth")?,
        display_name: Line::parse("key-auth")?,
        key_names,
        ttl: None,
        default_credential: false,
        created_at: now,
        updated_at: now,
    })
}

/// Returns an API product without versions.
pub fn product(registry: &Registry, name: &str) -> Result<ApiProduct, InvalidText> {
    let now = registry.clock.now();
    Ok(ApiProduct {
        id: ApiProductId(registry.random.uuid()),
        name: Line::parse(name)?,
        description: None,
        labels: Labels::default(),
        public_labels: Labels::default(),
        created_at: now,
        updated_at: now,
    })
}

/// Returns a version of a product.
pub fn version(
    registry: &Registry,
    product: ApiProductId,
    name: &str,
) -> Result<ProductVersion, InvalidText> {
    let now = registry.clock.now();
    Ok(ProductVersion {
        id: ProductVersionId(registry.random.uuid()),
        product,
        name: Line::parse(name)?,
        deprecated: false,
        created_at: now,
        updated_at: now,
    })
}

/// Returns the publication of a version for which applications with this strategy may register, and
/// wait for an administrator then.
pub fn publication(
    registry: &Registry,
    product_version: ProductVersionId,
    auth_strategy: AuthStrategyId,
) -> Publication {
    let now = registry.clock.now();
    Publication {
        id: PublicationId(registry.random.uuid()),
        product_version,
        publish_status: PublishStatus::Published,
        application_registration_enabled: true,
        auto_approve_registration: false,
        auth_strategy: Some(auth_strategy),
        created_at: now,
        updated_at: now,
    }
}

/// Returns an application's registration for a product version.
pub fn registration(
    registry: &Registry,
    (application, product_version): (ApplicationId, ProductVersionId),
    status: RegistrationStatus,
) -> Registration {
    let now = registry.clock.now();
    Registration {
        id: RegistrationId(registry.random.uuid()),
        application,
        product_version,
        status,
        message: None,
        reason: None,
        created_at: now,
        updated_at: now,
    }
}
