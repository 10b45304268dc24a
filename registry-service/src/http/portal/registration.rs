//! `/api/v2/applications/{application}/registrations`: what an application asks for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::id::{ApiProductId, ApplicationId, ProductVersionId, RegistrationId};
use crate::domain::publication::RegistrationRefused;
use crate::domain::registration::{Registration, RegistrationStatus};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::body::Body;
use crate::http::paging::{Listed, Paging};
use crate::http::path::Named;
use crate::http::portal::application::existing as existing_application;
use crate::http::portal::filter::Filters;
use crate::http::portal::signed_in::SignedIn;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::registration::Overview;
use crate::storage::{Connection, Deed, StorageError, own, portal, publication, registration};

/// The ids in the path of a registration.
type Ids = (ApplicationId, RegistrationId);

/// A registration on the wire.
#[derive(Debug, Serialize)]
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
    signed_in: SignedIn,
    Named(id): Named<ApplicationId>,
    (paging, filters): (Paging, Filters),
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
    let mut snapshot = registry.storage.read().await?;
    let application = existing_application(&mut snapshot, signed_in, id).await?;
    let wanted = (application.id, wanted, paging.range());
    let list = own::registration::list(&mut snapshot, signed_in.developer, wanted).await?;
    Ok(Json(paging.answer(list, answer)))
}

/// Shows a registration.
pub(super) async fn lookup(
    State(registry): State<Arc<Registry>>,
    signed_in: SignedIn,
    Named(ids): Named<Ids>,
) -> Result<Json<Answer>, Problem> {
    let mut snapshot = registry.storage.read().await?;
    Ok(Json(answer(existing(&mut snapshot, signed_in, ids).await?)))
}

/// Asks for a product version; the answer says whether that was approved at once.
pub(super) async fn add(
    State(registry): State<Arc<Registry>>,
    signed_in: SignedIn,
    Named(id): Named<ApplicationId>,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Answer>), Problem> {
    if !new.scopes.is_empty() {
        let reason = "must be empty: the auth strategy has no scopes";
        return Err(Problem::invalid_field("scopes", "invalid", reason));
    }
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let application = existing_application(&mut write, signed_in, id).await?;
    let portal = portal::lookup(&mut write).await?;
    let status = publication::find_by_version(&mut write, new.product_version_id)
        .await?
        .ok_or_else(Problem::not_found)?
        .admit(&portal, application.auth_strategy)
        .map_err(refused)?;
    let registration = Registration {
        id: RegistrationId(registry.random.uuid()),
        application: application.id,
        product_version: new.product_version_id,
        status,
        message: None,
        reason: None,
        created_at: now,
        updated_at: now,
    };
    registration::add(&mut write, &registration)
        .await
        .map_err(taken)?;
    let key = (application.id, registration.id);
    let added = own::registration::lookup(&mut write, signed_in.developer, key).await?;
    let deed = Deed::new("registration.add", registration.id);
    write.commit(deed).await?;
    let added = added.ok_or_else(Problem::not_found)?;
    Ok((StatusCode::CREATED, Json(answer(added))))
}

/// Withdraws a registration; the same may be asked for again.
pub(super) async fn remove(
    State(registry): State<Arc<Registry>>,
    signed_in: SignedIn,
    Named(ids): Named<Ids>,
) -> Result<StatusCode, Problem> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let Overview { registration, .. } = existing(&mut write, signed_in, ids).await?;
    registration::remove(&mut write, &registration).await?;
    let deed = Deed::new("registration.remove", registration.id);
    write.commit(deed).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn existing(
    connection: &mut Connection,
    signed_in: SignedIn,
    ids: Ids,
) -> Result<Overview, Problem> {
    let found = own::registration::lookup(connection, signed_in.developer, ids).await?;
    found.ok_or_else(Problem::not_found)
}

/// A version that is not published is as missing as one that never was.
fn refused(refused: RegistrationRefused) -> Problem {
    match refused {
        RegistrationRefused::Unpublished => Problem::not_found(),
        RegistrationRefused::NotEnabled | RegistrationRefused::OtherStrategy => {
            Problem::invalid_field("product_version_id", "invalid", refused)
        }
    }
}

fn taken(error: StorageError) -> Problem {
    match error {
        StorageError::Duplicate => {
            Problem::conflict("the application has a registration for this version already")
        }
        error => error.into(),
    }
}

fn answer(overview: Overview) -> Answer {
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
