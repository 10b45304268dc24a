//! Versions of API products, and the services they have.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::administration::{Acting, AdministrationError, InvalidField, Result, products};
use crate::domain::access::Duty;
use crate::domain::id::{ApiProductId, ProductVersionId, ServiceId};
use crate::domain::product::{ApiProduct, ProductVersion};
use crate::domain::service::{Acl, AclRule, KeyAuth, Service, ServiceName};
use crate::domain::text::Line;
use crate::domain::wish::Wish;
use crate::storage::{Connection, Deed, List, Wanted, Write, product, service};

/// A version, and the service it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionView {
    /// The version.
    pub version: ProductVersion,
    /// What Envoy knows it as.
    pub service: Option<ServiceId>,
}

/// Names a service; Konnect names a control plane too, and here there is one.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayService {
    /// The service.
    pub id: ServiceId,
}

/// A version to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// Its name, unique in the product.
    pub name: Line<255>,
    /// Missing: a service of its own is made. Null: none. Otherwise a service without a version.
    #[serde(default)]
    pub gateway_service: Wish<GatewayService>,
    /// Whether developers are warned off it.
    #[serde(default)]
    pub deprecated: bool,
}

/// What may be changed about a version.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionChanges {
    /// Its name.
    pub name: Option<Line<255>>,
    /// Whether developers are warned off it.
    pub deprecated: Option<bool>,
    /// Null: it has none from now on. Otherwise a service without a version, or its own.
    #[serde(default)]
    pub gateway_service: Wish<GatewayService>,
}

/// Lists versions of a product.
pub async fn list(
    acting: &Acting,
    product: ApiProductId,
    wanted: &Wanted,
) -> Result<List<VersionView>> {
    let mut snapshot = acting.read().await?;
    products::existing(&mut snapshot, product).await?;
    let list = product::list_versions(&mut snapshot, product, wanted).await?;
    let mut items = Vec::new();
    for version in list.items {
        items.push(view(&mut snapshot, version).await?);
    }
    let total = list.total;
    Ok(List { items, total })
}

/// Adds a version, and its service.
pub async fn add(acting: &Acting, product: ApiProductId, new: NewVersion) -> Result<VersionView> {
    let mut write = acting.write(Duty::Manage).await?;
    let product = products::existing(&mut write, product).await?;
    let version = ProductVersion {
        id: ProductVersionId(acting.new_id()),
        product: product.id,
        name: new.name,
        deprecated: new.deprecated,
        created_at: write.now,
        updated_at: write.now,
    };
    product::add_version(&mut write, &version).await?;
    match new.gateway_service {
        Wish::Clear => {}
        Wish::Keep => {
            let id = ServiceId(acting.new_id());
            let service = default_service(&mut write, &product, &version, id).await?;
            service::add(&mut write, &service).await?;
        }
        Wish::Set(named) => link(&mut write, named.id, &version).await?,
    }
    let view = view(&mut write, version).await?;
    let deed = Deed::new("product-version.add", view.version.id).became(&view.version);
    write.commit(deed).await?;
    Ok(view)
}

/// Reads a version of a product.
pub async fn lookup(
    acting: &Acting,
    product: ApiProductId,
    id: ProductVersionId,
) -> Result<VersionView> {
    let mut snapshot = acting.read().await?;
    let version = existing(&mut snapshot, product, id).await?;
    view(&mut snapshot, version).await
}

/// Reads a version by its own id.
pub async fn find(acting: &Acting, id: ProductVersionId) -> Result<VersionView> {
    let mut snapshot = acting.read().await?;
    let version = product::lookup_version(&mut snapshot, id)
        .await?
        .ok_or(AdministrationError::Unknown)?;
    view(&mut snapshot, version).await
}

/// Changes a version of a product.
pub async fn change(
    acting: &Acting,
    (product, id): (ApiProductId, ProductVersionId),
    changes: VersionChanges,
) -> Result<VersionView> {
    let mut write = acting.write(Duty::Manage).await?;
    let before = existing(&mut write, product, id).await?;
    acting.expect(before.updated_at)?;
    let mut version = before.clone();
    version.name = changes.name.unwrap_or(version.name);
    version.deprecated = changes.deprecated.unwrap_or(version.deprecated);
    version.updated_at = write.now.later_than(before.updated_at);
    product::update_version(&mut write, &version).await?;
    if let Wish::Set(_) | Wish::Clear = changes.gateway_service {
        unlink(&mut write, &version, &changes.gateway_service).await?;
    }
    if let Wish::Set(named) = changes.gateway_service {
        link(&mut write, named.id, &version).await?;
    }
    let view = view(&mut write, version).await?;
    let deed = Deed::new("product-version.update", id).was(&before);
    write.commit(deed.became(&view.version)).await?;
    Ok(view)
}

/// Removes a version with its service, its publication and the registrations for it.
pub async fn remove(acting: &Acting, product: ApiProductId, id: ProductVersionId) -> Result<()> {
    let mut write = acting.write(Duty::Manage).await?;
    let before = existing(&mut write, product, id).await?;
    acting.expect(before.updated_at)?;
    product::remove_version(&mut write, id).await?;
    let deed = Deed::new("product-version.remove", id).was(&before);
    write.commit(deed).await?;
    Ok(())
}

pub(super) async fn existing(
    connection: &mut Connection,
    product: ApiProductId,
    id: ProductVersionId,
) -> Result<ProductVersion> {
    product::lookup_version(connection, id)
        .await?
        .filter(|version| version.product == product)
        .ok_or(AdministrationError::Unknown)
}

/// Returns the service a version has unless another is named: guarded as Kong's defaults say, and
/// closed until the version is published with a strategy.
async fn default_service(
    write: &mut Write,
    product: &ApiProduct,
    version: &ProductVersion,
    id: ServiceId,
) -> Result<Service> {
    let refused = |error| InvalidField::new("name", "service_name", error);
    let name = match ServiceName::of_version(product.name.as_str(), version.name.as_str()) {
        Ok(name) if !service::is_taken(write, &name).await? => name,
        // Names of other alphabets leave nothing, and two names may leave the same.
        _ => ServiceName::parse(&format!("version-{}", version.id)).map_err(refused)?,
    };
    Ok(Service {
        id,
        name,
        product_version: Some(version.id),
        proxy_url: None,
        key_auth: KeyAuth::default(),
        acl: None,
        public: false,
        created_at: version.created_at,
        updated_at: version.updated_at,
    })
}

/// Takes the present service away, unless the same is wished for.
///
/// Without a version it would admit whoever has a key, where approval was asked for before; so from
/// here on it admits nobody until an administrator says who may call it.
async fn unlink(
    write: &mut Write,
    version: &ProductVersion,
    wish: &Wish<GatewayService>,
) -> Result<()> {
    let Some(mut service) = service::find_by_version(write, version.id).await? else {
        return Ok(());
    };
    if matches!(wish, Wish::Set(named) if named.id == service.id) {
        return Ok(());
    }
    service.product_version = None;
    service.updated_at = write.now.later_than(service.updated_at);
    if !matches!(&service.acl, Some(acl) if matches!(acl.rule, AclRule::Allow(_))) {
        service.acl = Some(Acl {
            rule: AclRule::Allow(Vec::new()),
            hide_groups_header: false,
        });
    }
    service::update(write, &service).await?;
    Ok(())
}

async fn link(write: &mut Write, id: ServiceId, version: &ProductVersion) -> Result<()> {
    let refused = |reason| InvalidField::new("gateway_service.id", "exists", reason);
    let mut service = service::lookup(write, id)
        .await?
        .ok_or_else(|| refused("names no service"))?;
    if service.product_version == Some(version.id) {
        return Ok(());
    }
    if service.product_version.is_some() {
        return Err(refused("names the service of another product version").into());
    }
    service.product_version = Some(version.id);
    service.updated_at = write.now.later_than(service.updated_at);
    service::update(write, &service).await?;
    Ok(())
}

async fn view(connection: &mut Connection, version: ProductVersion) -> Result<VersionView> {
    let service = service::find_by_version(connection, version.id).await?;
    Ok(VersionView {
        version,
        service: service.map(|service| service.id),
    })
}
