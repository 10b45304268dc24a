//! Services: what Envoy knows an API as, and how it is guarded.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::administration::{Acting, AdministrationError, Conflict, InvalidField, Result};
use crate::domain::access::Duty;
use crate::domain::id::{ProductVersionId, ServiceId};
use crate::domain::publication::PublishStatus;
use crate::domain::service::{Acl, KeyAuth, Service, ServiceName};
use crate::storage::{
    Connection, Deed, List, StorageError, Wanted, Write, application, product, publication, service,
};

/// What an administrator says of a service: all of it, as it shall be.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceContent {
    /// What route metadata calls it; for good while its version is published.
    pub name: ServiceName,
    /// The product version whose registrations it asks for.
    #[serde(default)]
    pub product_version_id: Option<ProductVersionId>,
    /// The public URL that pages print in examples.
    #[serde(default)]
    pub proxy_url: Option<Url>,
    /// Where the key may be, and what happens to it.
    #[serde(default)]
    pub key_auth: KeyAuth,
    /// Which groups it admits.
    #[serde(default)]
    pub acl: Option<Acl>,
    /// Whether everyone is admitted without a key.
    #[serde(default)]
    pub public: bool,
}

/// Lists services.
pub async fn list(acting: &Acting, wanted: &Wanted) -> Result<List<Service>> {
    let mut snapshot = acting.read().await?;
    Ok(service::list(&mut snapshot, wanted).await?)
}

/// Adds a service.
pub async fn add(acting: &Acting, content: ServiceContent) -> Result<Service> {
    let mut write = acting.write(Duty::Manage).await?;
    check(&mut write, &content).await?;
    let service = Service {
        id: ServiceId(acting.new_id()),
        name: content.name,
        product_version: content.product_version_id,
        proxy_url: content.proxy_url,
        key_auth: content.key_auth,
        acl: content.acl,
        public: content.public,
        created_at: write.now,
        updated_at: write.now,
    };
    service::add(&mut write, &service)
        .await
        .map_err(Conflict::Service.if_taken())?;
    let deed = Deed::new("service.add", service.id).became(&service);
    write.commit(deed).await?;
    Ok(service)
}

/// Reads a service.
pub async fn lookup(acting: &Acting, id: ServiceId) -> Result<Service> {
    let mut snapshot = acting.read().await?;
    existing(&mut snapshot, id).await
}

/// Changes a service: `revise` says what becomes of what is there.
pub async fn change<E: From<AdministrationError>>(
    acting: &Acting,
    id: ServiceId,
    revise: impl FnOnce(ServiceContent) -> std::result::Result<ServiceContent, E>,
) -> std::result::Result<Service, E> {
    let mut write = acting.write(Duty::Manage).await?;
    let before = existing(&mut write, id).await?;
    acting.expect(before.updated_at)?;
    let content = revise(before.clone().into())?;
    Ok(replace(write, before, content).await?)
}

/// Removes a service: its routes are unmapped from then on.
pub async fn remove(acting: &Acting, id: ServiceId) -> Result<()> {
    let mut write = acting.write(Duty::Manage).await?;
    let before = existing(&mut write, id).await?;
    acting.expect(before.updated_at)?;
    service::remove(&mut write, id).await?;
    let deed = Deed::new("service.remove", id).was(&before);
    write.commit(deed).await?;
    Ok(())
}

// === impl ServiceContent ===

impl From<Service> for ServiceContent {
    fn from(service: Service) -> Self {
        Self {
            name: service.name,
            product_version_id: service.product_version,
            proxy_url: service.proxy_url,
            key_auth: service.key_auth,
            acl: service.acl,
            public: service.public,
        }
    }
}

async fn replace(mut write: Write, before: Service, content: ServiceContent) -> Result<Service> {
    check(&mut write, &content).await?;
    let after = Service {
        name: content.name,
        product_version: content.product_version_id,
        proxy_url: content.proxy_url,
        key_auth: content.key_auth,
        acl: content.acl,
        public: content.public,
        updated_at: write.now.later_than(before.updated_at),
        ..before.clone()
    };
    if before.name != after.name && is_published(&mut write, &before).await? {
        let reason = "cannot change while the product version is published: routes use it";
        return Err(InvalidField::new("name", "immutable", reason).into());
    }
    service::update(&mut write, &after)
        .await
        .map_err(Conflict::Service.if_taken())?;
    let deed = Deed::new("service.update", after.id).was(&before);
    write.commit(deed.became(&after)).await?;
    Ok(after)
}

async fn existing(connection: &mut Connection, id: ServiceId) -> Result<Service> {
    service::lookup(connection, id)
        .await?
        .ok_or(AdministrationError::Unknown)
}

/// Checks what a service names.
async fn check(write: &mut Write, content: &ServiceContent) -> Result<()> {
    let refused = |field, rule, reason| Err(InvalidField::new(field, rule, reason).into());
    if let Some(id) = content.key_auth.anonymous
        && application::lookup(write, id).await?.is_none()
    {
        return refused("key_auth.anonymous", "exists", "names no application");
    }
    if let Some(id) = content.product_version_id
        && product::lookup_version(write, id).await?.is_none()
    {
        return refused("product_version_id", "exists", "names no product version");
    }
    check_proxy_url(content.proxy_url.as_ref())
}

/// Checks the public URL of a service, before or after there is one.
pub fn check_proxy_url(url: Option<&Url>) -> Result<()> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https");
    if url.is_none_or(is_web) {
        return Ok(());
    }
    Err(InvalidField::new("proxy_url", "url", "must be http or https").into())
}

async fn is_published(
    connection: &mut Connection,
    service: &Service,
) -> std::result::Result<bool, StorageError> {
    let Some(version) = service.product_version else {
        return Ok(false);
    };
    let publication = publication::find_by_version(connection, version).await?;
    Ok(publication
        .is_some_and(|publication| publication.publish_status == PublishStatus::Published))
}
