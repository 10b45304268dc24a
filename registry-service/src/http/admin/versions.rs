//! `/v2/api-products/{product}/product-versions`.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::id::{ApiProductId, ProductVersionId, ServiceId};
use crate::domain::product::{ApiProduct, ProductVersion};
use crate::domain::service::{KeyAuth, Service, ServiceName};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Caller, Created, Named, created};
use crate::http::admin::products;
use crate::http::body::{Body, Wish};
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;
use crate::storage::{Connection, Deed, List, Write, product, service};

/// A version on the wire.
#[derive(Debug, Serialize)]
pub(super) struct Version {
    id: ProductVersionId,
    name: Line<255>,
    gateway_service: Option<GatewayService>,
    deprecated: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The service of a version; Konnect names a control plane too, and here there is one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GatewayService {
    id: ServiceId,
}

/// A version to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewVersion {
    name: Line<255>,
    /// Missing: a service of its own is made. Null: none. Otherwise a service without a version.
    #[serde(default)]
    gateway_service: Wish<GatewayService>,
    #[serde(default)]
    deprecated: bool,
}

/// What may be changed about a version.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    name: Option<Line<255>>,
    deprecated: Option<bool>,
}

/// Lists the versions of a product.
pub(super) async fn list(
    caller: Caller,
    Named(product): Named<ApiProductId>,
    paging: Paging,
) -> Answer<Listed<Version>> {
    let mut snapshot = caller.read().await?;
    products::existing(&mut snapshot, product).await?;
    let list = product::list_versions(&mut snapshot, product, paging.range()).await?;
    let mut items = Vec::new();
    for version in list.items {
        items.push(shown(&mut snapshot, version).await?);
    }
    let total = list.total;
    Ok(Json(paging.answer(List { items, total }, |item| item)))
}

/// Adds a version, and its service.
pub(super) async fn add(
    caller: Caller,
    Named(product): Named<ApiProductId>,
    Body(new): Body<NewVersion>,
) -> Created<Version> {
    let now = caller.now();
    let mut write = caller.write().await?;
    let product = products::existing(&mut write, product).await?;
    let version = ProductVersion {
        id: ProductVersionId(caller.new_id()),
        product: product.id,
        name: new.name,
        deprecated: new.deprecated,
        created_at: now,
        updated_at: now,
    };
    product::add_version(&mut write, &version).await?;
    match new.gateway_service {
        Wish::Clear => {}
        Wish::Keep => {
            let id = ServiceId(caller.new_id());
            let service = default_service(&mut write, &product, &version, id).await?;
            service::add(&mut write, &service).await?;
        }
        Wish::Set(named) => link(&mut write, named.id, &version).await?,
    }
    let answer = shown(&mut write, version).await?;
    write
        .commit(Deed::new("product-version.add", answer.id))
        .await?;
    Ok(created(answer))
}

/// Shows a version.
pub(super) async fn lookup(
    caller: Caller,
    Named((product, id)): Named<(ApiProductId, ProductVersionId)>,
) -> Answer<Version> {
    let mut snapshot = caller.read().await?;
    let version = existing(&mut snapshot, product, id).await?;
    Ok(Json(shown(&mut snapshot, version).await?))
}

/// Changes a version.
pub(super) async fn change(
    caller: Caller,
    Named((product, id)): Named<(ApiProductId, ProductVersionId)>,
    Body(changes): Body<Changes>,
) -> Answer<Version> {
    let mut write = caller.write().await?;
    let mut version = existing(&mut write, product, id).await?;
    version.name = changes.name.unwrap_or(version.name);
    version.deprecated = changes.deprecated.unwrap_or(version.deprecated);
    version.updated_at = caller.now();
    product::update_version(&mut write, &version).await?;
    let answer = shown(&mut write, version).await?;
    write
        .commit(Deed::new("product-version.update", id))
        .await?;
    Ok(Json(answer))
}

/// Removes a version with its service, its publication and the registrations for it.
pub(super) async fn remove(
    caller: Caller,
    Named((product, id)): Named<(ApiProductId, ProductVersionId)>,
) -> Result<StatusCode, Problem> {
    let mut write = caller.write().await?;
    existing(&mut write, product, id).await?;
    product::remove_version(&mut write, id).await?;
    write
        .commit(Deed::new("product-version.remove", id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn existing(
    connection: &mut Connection,
    product: ApiProductId,
    id: ProductVersionId,
) -> Result<ProductVersion, Problem> {
    product::lookup_version(connection, id)
        .await?
        .filter(|version| version.product == product)
        .ok_or_else(Problem::not_found)
}

/// Returns the service a version has unless another is named: guarded as Kong's defaults say, and
/// closed until the version is published with a strategy.
async fn default_service(
    write: &mut Write,
    product: &ApiProduct,
    version: &ProductVersion,
    id: ServiceId,
) -> Result<Service, Problem> {
    let refused = |error| Problem::invalid_field("name", "service_name", error);
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

async fn link(write: &mut Write, id: ServiceId, version: &ProductVersion) -> Result<(), Problem> {
    let refused = |reason| Problem::invalid_field("gateway_service.id", "exists", reason);
    let mut service = service::lookup(write, id)
        .await?
        .ok_or_else(|| refused("names no service"))?;
    if service.product_version.is_some() {
        return Err(refused("names the service of another product version"));
    }
    service.product_version = Some(version.id);
    service.updated_at = version.updated_at;
    service::update(write, &service).await?;
    Ok(())
}

async fn shown(connection: &mut Connection, version: ProductVersion) -> Result<Version, Problem> {
    let service = service::find_by_version(connection, version.id).await?;
    Ok(Version {
        id: version.id,
        name: version.name,
        gateway_service: service.map(|service| GatewayService { id: service.id }),
        deprecated: version.deprecated,
        created_at: version.created_at,
        updated_at: version.updated_at,
    })
}
