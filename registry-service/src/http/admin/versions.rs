//! `/v2/api-products/{product}/product-versions`.

use axum::response::NoContent;
use schemars::JsonSchema;
use serde::Serialize;

use crate::administration::versions::{self, NewVersion, VersionChanges, VersionView};
use crate::domain::id::{ApiProductId, ProductVersionId, ServiceId};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{
    Answer, Asked, Caller, Created, Named, One, Single, created, one,
};
use crate::http::body::Body;
use crate::http::paging::Listed;
use crate::http::problem::Problem;

/// A version on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Version {
    id: ProductVersionId,
    name: Line<255>,
    gateway_service: Option<GatewayService>,
    deprecated: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The service of a version; Konnect names a control plane too, and here there is one.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct GatewayService {
    id: ServiceId,
}

/// Lists the versions of a product.
pub(super) async fn list(
    Caller(acting): Caller,
    Named(product): Named<ApiProductId>,
    asked: Asked,
) -> Answer<Listed<Version>> {
    let list = versions::list(&acting, product, &asked.wanted).await?;
    Ok(asked.answer(list, shown))
}

/// Adds a version, and its service.
pub(super) async fn add(
    Caller(acting): Caller,
    Named(product): Named<ApiProductId>,
    Body(new): Body<NewVersion>,
) -> Created<Version> {
    let view = versions::add(&acting, product, new).await?;
    Ok(created(single(view)))
}

/// Shows a version.
pub(super) async fn lookup(
    Caller(acting): Caller,
    Named((product, id)): Named<(ApiProductId, ProductVersionId)>,
) -> Single<Version> {
    Ok(single(versions::lookup(&acting, product, id).await?))
}

/// Changes a version.
pub(super) async fn change(
    Caller(acting): Caller,
    Named(ids): Named<(ApiProductId, ProductVersionId)>,
    Body(changes): Body<VersionChanges>,
) -> Single<Version> {
    Ok(single(versions::change(&acting, ids, changes).await?))
}

/// Removes a version with its service, its publication and the registrations for it.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named((product, id)): Named<(ApiProductId, ProductVersionId)>,
) -> Result<NoContent, Problem> {
    versions::remove(&acting, product, id).await?;
    Ok(NoContent)
}

fn single(view: VersionView) -> One<Version> {
    one(view.version.updated_at, shown(view))
}

fn shown(view: VersionView) -> Version {
    let version = view.version;
    Version {
        id: version.id,
        name: version.name,
        gateway_service: view.service.map(|id| GatewayService { id }),
        deprecated: version.deprecated,
        created_at: version.created_at,
        updated_at: version.updated_at,
    }
}
