//! `/v2/api-products/{product}/product-versions/{version}/specifications`.

use axum::Json;
use axum::response::NoContent;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use schemars::JsonSchema;
use serde::Serialize;

use crate::administration::specifications::{self, Ids, NewSpecification, SpecificationChanges};
use crate::domain::id::{ApiProductId, ProductVersionId, SpecificationId};
use crate::domain::specification::Specification;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Caller, Created, Named, One, Single, created, one};
use crate::http::body::Body;
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;

/// A specification on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Shown {
    id: SpecificationId,
    name: Line<255>,
    /// Base64 of what was sent.
    content: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Lists the specifications of a version: one, or none.
pub(super) async fn list(
    Caller(acting): Caller,
    Named((product, version)): Named<(ApiProductId, ProductVersionId)>,
    paging: Paging,
) -> Answer<Listed<Shown>> {
    let found = specifications::of_version(&acting, product, version).await?;
    let part = paging.part(found.into_iter().collect());
    Ok(Json(paging.answer(part, shown)))
}

/// Adds the specification of a version.
pub(super) async fn add(
    Caller(acting): Caller,
    Named(ids): Named<(ApiProductId, ProductVersionId)>,
    Body(new): Body<NewSpecification>,
) -> Created<Shown> {
    let kept = specifications::add(&acting, ids, new).await?;
    Ok(created(single(kept)))
}

/// Shows a specification.
pub(super) async fn lookup(Caller(acting): Caller, Named(ids): Named<Ids>) -> Single<Shown> {
    Ok(single(specifications::lookup(&acting, ids).await?))
}

/// Changes a specification.
pub(super) async fn change(
    Caller(acting): Caller,
    Named(ids): Named<Ids>,
    Body(changes): Body<SpecificationChanges>,
) -> Single<Shown> {
    let kept = specifications::change(&acting, ids, changes).await?;
    Ok(single(kept))
}

/// Removes a specification.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named(ids): Named<Ids>,
) -> Result<NoContent, Problem> {
    specifications::remove(&acting, ids).await?;
    Ok(NoContent)
}

fn single(specification: Specification) -> One<Shown> {
    one(specification.updated_at, shown(specification))
}

fn shown(specification: Specification) -> Shown {
    Shown {
        id: specification.id,
        name: specification.name,
        content: BASE64_STANDARD.encode(specification.content.as_str()),
        created_at: specification.created_at,
        updated_at: specification.updated_at,
    }
}
