//! `/api/v2/products/{product}/versions`: what an application can register for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::domain::id::{
    ApiProductId, ApplicationId, AuthStrategyId, ProductVersionId, RegistrationId,
};
use crate::domain::registration::RegistrationStatus;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::paging::{LenientPaging, Listed};
use crate::http::path::Named;
use crate::http::portal::filter::Filters;
use crate::http::portal::signed_in::{Developer, Guest};
use crate::http::portal::strategy;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::catalogue::{self, Offer};
use crate::self_service::registration::{self, OwnCandidate, WantedCandidates};
use crate::storage::catalogue::version::{PublishedVersion, Registered, Versions};
use crate::storage::own;

/// The ids in the path of a version.
type Ids = (ApiProductId, ProductVersionId);

/// A version on the wire.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    id: ProductVersionId,
    name: Line<255>,
    deprecated: bool,
    registration_configs: Vec<RegistrationConfig>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// How applications register for a version; a version has one strategy or none.
#[derive(Debug, Serialize)]
struct RegistrationConfig {
    /// The strategy's id: front-ends ask for applications with it.
    id: AuthStrategyId,
    name: Line<255>,
    credential_type: &'static str,
    registration_enabled: bool,
    registration_auto_approve: bool,
}

/// An application that could register, or has.
#[derive(Debug, Serialize)]
pub(super) struct CandidateAnswer {
    id: ApplicationId,
    name: Line<255>,
    registration_id: Option<RegistrationId>,
    registration_status: Option<RegistrationStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_strategy: Option<strategy::Brief>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Lists the published versions of a product.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    Guest(visitor): Guest,
    Named(id): Named<ApiProductId>,
    (LenientPaging(paging), filters): (LenientPaging, Filters),
) -> Result<Json<Listed<Answer>>, Problem> {
    let name = filters.text("name");
    let wanted = Versions {
        name: name.equals,
        name_contains: name.contains,
        ..Versions::default()
    };
    let wanted = (id, wanted, paging.range());
    let list = catalogue::versions(&registry, visitor, wanted).await?;
    Ok(Json(paging.answer(list, answer)))
}

/// Shows a published version.
pub(super) async fn lookup(
    State(registry): State<Arc<Registry>>,
    Guest(visitor): Guest,
    Named(ids): Named<Ids>,
) -> Result<Json<Answer>, Problem> {
    let offer = catalogue::version(&registry, visitor, ids).await?;
    Ok(Json(answer(offer)))
}

/// Lists the developer's applications that have a registration for a version, or those that have
/// none if asked for the `unregistered`.
pub(super) async fn applications(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(ids): Named<Ids>,
    (LenientPaging(paging), filters): (LenientPaging, Filters),
) -> Result<Json<Listed<CandidateAnswer>>, Problem> {
    let name = filters.text("name");
    let registered = if filters.switch("unregistered")? {
        Registered::No
    } else {
        Registered::Yes
    };
    let wanted = WantedCandidates {
        like: own::application::Wanted {
            name: name.equals,
            name_contains: name.contains,
            auth_strategy: filters.equals("auth_strategy_id"),
        },
        status: filters.named("status")?,
        registered,
    };
    let wanted = (ids, wanted, paging.range());
    let list = registration::candidates(&registry, signed_in, wanted).await?;
    Ok(Json(paging.answer(list, candidate_answer)))
}

fn answer(offer: Offer) -> Answer {
    let PublishedVersion {
        version,
        publication,
        strategy,
    } = offer.published;
    let config = strategy.map(|(id, name)| RegistrationConfig {
        id,
        name,
        credential_type: strategy::KEY_AUTH,
        registration_enabled: publication.application_registration_enabled,
        registration_auto_approve: offer.approves_at_once,
    });
    Answer {
        id: version.id,
        name: version.name,
        deprecated: version.deprecated,
        registration_configs: config.into_iter().collect(),
        created_at: version.created_at,
        updated_at: version.updated_at,
    }
}

fn candidate_answer(candidate: OwnCandidate) -> CandidateAnswer {
    let OwnCandidate { own, registration } = candidate;
    CandidateAnswer {
        id: own.application.id,
        name: own.application.name,
        registration_id: registration.map(|(id, _)| id),
        registration_status: registration.map(|(_, status)| status),
        auth_strategy: own.auth_strategy.map(strategy::brief),
        created_at: own.application.created_at,
        updated_at: own.application.updated_at,
    }
}
