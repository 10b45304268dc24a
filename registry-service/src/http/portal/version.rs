//! `/api/v2/products/{product}/versions`: what an application can register for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::domain::id::{
    ApiProductId, ApplicationId, AuthStrategyId, ProductVersionId, RegistrationId,
};
use crate::domain::portal::Portal;
use crate::domain::registration::RegistrationStatus;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::paging::{Listed, Paging};
use crate::http::path::Named;
use crate::http::portal::filter::Filters;
use crate::http::portal::product;
use crate::http::portal::signed_in::{SignedIn, Visitor};
use crate::http::portal::strategy;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::catalogue::version::{
    self, Candidate, Candidates, PublishedVersion, Registered, Versions,
};
use crate::storage::{Connection, own, portal};

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
    _visitor: Visitor,
    Named(id): Named<ApiProductId>,
    (paging, filters): (Paging, Filters),
) -> Result<Json<Listed<Answer>>, Problem> {
    let name = filters.text("name");
    let mut snapshot = registry.storage.read().await?;
    let product = product::existing(&mut snapshot, id).await?.product;
    let wanted = Versions {
        product: Some(product.id),
        name: name.equals,
        name_contains: name.contains,
        ..Versions::default()
    };
    let portal = portal::lookup(&mut snapshot).await?;
    let list = version::list(&mut snapshot, wanted, paging.range()).await?;
    Ok(Json(
        paging.answer(list, |published| answer(&portal, published)),
    ))
}

/// Shows a published version.
pub(super) async fn lookup(
    State(registry): State<Arc<Registry>>,
    _visitor: Visitor,
    Named(ids): Named<Ids>,
) -> Result<Json<Answer>, Problem> {
    let mut snapshot = registry.storage.read().await?;
    let published = existing(&mut snapshot, ids).await?;
    let portal = portal::lookup(&mut snapshot).await?;
    Ok(Json(answer(&portal, published)))
}

/// Answers that a version has no specification; nothing here keeps any.
pub(super) async fn specification(
    State(registry): State<Arc<Registry>>,
    _visitor: Visitor,
    Named(ids): Named<Ids>,
) -> Result<StatusCode, Problem> {
    let mut snapshot = registry.storage.read().await?;
    existing(&mut snapshot, ids).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the developer's applications that have a registration for a version, or those that have
/// none if asked for the `unregistered`.
pub(super) async fn applications(
    State(registry): State<Arc<Registry>>,
    signed_in: SignedIn,
    Named(ids): Named<Ids>,
    (paging, filters): (Paging, Filters),
) -> Result<Json<Listed<CandidateAnswer>>, Problem> {
    let name = filters.text("name");
    let registered = if filters.switch("unregistered")? {
        Registered::No
    } else {
        Registered::Yes
    };
    let mut snapshot = registry.storage.read().await?;
    let wanted = Candidates {
        version: existing(&mut snapshot, ids).await?.version.id,
        like: own::application::Wanted {
            name: name.equals,
            name_contains: name.contains,
            auth_strategy: filters.equals("auth_strategy_id"),
        },
        status: filters.named("status")?,
        registered,
    };
    let wanted = (wanted, paging.range());
    let list = version::candidates(&mut snapshot, signed_in.developer, wanted).await?;
    let strategies = list.items.iter().filter_map(strategy_of).collect();
    let strategies = strategy::of(&mut snapshot, strategies).await?;
    Ok(Json(paging.answer(list, |candidate| {
        let brief = strategy_of(&candidate).and_then(|id| strategies.brief(id));
        candidate_answer(candidate, brief)
    })))
}

/// Reads the published version a path names.
pub(super) async fn existing(
    connection: &mut Connection,
    (product, version): Ids,
) -> Result<PublishedVersion, Problem> {
    let wanted = Versions {
        product: Some(product),
        id: Some(version),
        ..Versions::default()
    };
    let published = version::lookup(connection, wanted).await?;
    published.ok_or_else(Problem::not_found)
}

fn strategy_of(candidate: &Candidate) -> Option<AuthStrategyId> {
    candidate.application.auth_strategy
}

fn answer(portal: &Portal, published: PublishedVersion) -> Answer {
    let PublishedVersion {
        version,
        publication,
        strategy,
    } = published;
    let config = strategy.map(|(id, name)| RegistrationConfig {
        id,
        name,
        credential_type: strategy::KEY_AUTH,
        registration_enabled: publication.application_registration_enabled,
        registration_auto_approve: publication.auto_approve_registration
            || portal.auto_approve_applications,
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

fn candidate_answer(
    candidate: Candidate,
    auth_strategy: Option<strategy::Brief>,
) -> CandidateAnswer {
    let Candidate {
        application,
        registration,
    } = candidate;
    CandidateAnswer {
        id: application.id,
        name: application.name,
        registration_id: registration.map(|(id, _)| id),
        registration_status: registration.map(|(_, status)| status),
        auth_strategy,
        created_at: application.created_at,
        updated_at: application.updated_at,
    }
}
