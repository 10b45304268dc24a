//! `/api/v2/applications/{application}/registrations`: what an application asks for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::id::{ApiProductId, ApplicationId, ProductVersionId, RegistrationId};
use crate::domain::registration::RegistrationStatus;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::body::Body;
use crate::http::paging::{LenientPaging, Listed};
use crate::http::path::Named;
use crate::http::portal::filter::Filters;
use crate::http::portal::signed_in::Developer;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::registration::{self, NewRegistration};
use crate::storage::own;
use crate::storage::registration::Overview;

/// The ids in the path of a registration.
type Ids = (ApplicationId, RegistrationId);

/// A registration on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Answer {
    id: RegistrationId,
    status: RegistrationStatus,
    product_id: ApiProductId,
    product_name: Line<100>,
    product_version_id: ProductVersionId,
    product_version_name: Line<255>,
    application_id: ApplicationId,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What an application asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    product_version_id: ProductVersionId,
    #[serde(default)]
    scopes: Vec<String>,
}

/// Lists the registrations of one of the developer's applications.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(id): Named<ApplicationId>,
    (LenientPaging(paging), filters): (LenientPaging, Filters),
) -> Result<Json<Listed<Answer>>, Problem> {
    let product_name = filters.text("product_name");
    let version_name = filters.text("product_version_name");
    let wanted = own::registration::Wanted {
        id: filters.equals("id"),
        status: filters.named("status")?,
        product_name: product_name.equals,
        product_name_contains: product_name.contains,
        version_name: version_name.equals,
        version_name_contains: version_name.contains,
    };
    let wanted = (id, wanted, paging.range());
    let list = registration::list(&registry, signed_in, wanted).await?;
    Ok(Json(paging.answer(list, answer)))
}

/// Shows a registration.
pub(super) async fn lookup(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(ids): Named<Ids>,
) -> Result<Json<Answer>, Problem> {
    let overview = registration::lookup(&registry, signed_in, ids).await?;
    Ok(Json(answer(overview)))
}

/// Asks for a product version; the answer says whether that was approved at once.
pub(super) async fn add(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(id): Named<ApplicationId>,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Answer>), Problem> {
    if !new.scopes.is_empty() {
        let reason = "must be empty: the auth strategy has no scopes";
        return Err(Problem::invalid_field("scopes", "invalid", reason));
    }
    let new = NewRegistration {
        product_version: new.product_version_id,
        message: None,
    };
    let added = registration::ask(&registry, signed_in, (id, new)).await?;
    Ok((StatusCode::CREATED, Json(answer(added))))
}

/// Withdraws a registration; the same may be asked for again.
pub(super) async fn remove(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(ids): Named<Ids>,
) -> Result<StatusCode, Problem> {
    registration::withdraw(&registry, signed_in, ids).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn answer(overview: Overview) -> Answer {
    let Overview {
        registration,
        product,
        product_name,
        version_name,
        ..
    } = overview;
    Answer {
        id: registration.id,
        status: registration.status,
        product_id: product,
        product_name,
        product_version_id: registration.product_version,
        product_version_name: version_name,
        application_id: registration.application,
        created_at: registration.created_at,
        updated_at: registration.updated_at,
    }
}
