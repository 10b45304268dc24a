//! `/v2/portals/{portal}/developers`, and `/admin/v1/developers` to add one.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::accounts;
use crate::domain::developer::{Developer, DeveloperStatus};
use crate::domain::id::DeveloperId;
use crate::domain::text::{Email, Line};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Caller, Created, Filters, Named, created};
use crate::http::admin::portals;
use crate::http::body::Body;
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;
use crate::storage::{Connection, Deed, developer};

/// A developer on the wire.
#[derive(Debug, Serialize)]
pub(super) struct PortalDeveloper {
    id: DeveloperId,
    email: Email,
    full_name: Line<256>,
    status: DeveloperStatus,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Which developers are wanted.
#[derive(Debug, Deserialize)]
pub(super) struct Filter {
    #[serde(rename = "filter[status]")]
    status: Option<DeveloperStatus>,
}

/// A developer to be made by an administrator.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDeveloper {
    email: Email,
    full_name: Line<256>,
    #[serde(default = "approved")]
    status: DeveloperStatus,
}

/// A decision about a developer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    status: DeveloperStatus,
}

/// Lists the developers.
pub(super) async fn list(
    caller: Caller,
    Named(portal): Named<String>,
    Filters(filter): Filters<Filter>,
    paging: Paging,
) -> Answer<Listed<PortalDeveloper>> {
    let mut snapshot = caller.read().await?;
    portals::named(&mut snapshot, &portal).await?;
    let list = developer::list(&mut snapshot, filter.status, paging.range()).await?;
    Ok(Json(paging.answer(list, shown)))
}

/// Adds a developer, whose address an administrator vouches for; the link that leads to a password
/// waits in the outbox.
pub(super) async fn add(caller: Caller, Body(new): Body<NewDeveloper>) -> Created<PortalDeveloper> {
    let now = caller.now();
    let developer = Developer {
        id: DeveloperId(caller.new_id()),
        email: new.email,
        full_name: new.full_name,
        status: new.status,
        created_at: now,
        updated_at: now,
    };
    let mut write = caller.write().await?;
    developer::add(&mut write, &developer).await?;
    accounts::invite(&caller.registry, &mut write, &developer).await?;
    write
        .commit(Deed::new("developer.add", developer.id))
        .await?;
    Ok(created(shown(developer)))
}

/// Shows a developer.
pub(super) async fn lookup(
    caller: Caller,
    Named((portal, id)): Named<(String, DeveloperId)>,
) -> Answer<PortalDeveloper> {
    let mut snapshot = caller.read().await?;
    portals::named(&mut snapshot, &portal).await?;
    Ok(Json(shown(existing(&mut snapshot, id).await?)))
}

/// Approves, rejects or revokes a developer.
pub(super) async fn decide(
    caller: Caller,
    Named((portal, id)): Named<(String, DeveloperId)>,
    Body(decision): Body<Decision>,
) -> Answer<PortalDeveloper> {
    let mut write = caller.write().await?;
    portals::named(&mut write, &portal).await?;
    let developer = existing(&mut write, id).await?;
    let developer = developer.decide(decision.status, caller.now())?;
    developer::update(&mut write, &developer).await?;
    write.commit(Deed::new("developer.decide", id)).await?;
    Ok(Json(shown(developer)))
}

/// Removes a developer with their applications, registrations and credentials.
pub(super) async fn remove(
    caller: Caller,
    Named((portal, id)): Named<(String, DeveloperId)>,
) -> Result<StatusCode, Problem> {
    let mut write = caller.write().await?;
    portals::named(&mut write, &portal).await?;
    existing(&mut write, id).await?;
    developer::remove(&mut write, id).await?;
    write.commit(Deed::new("developer.remove", id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn existing(connection: &mut Connection, id: DeveloperId) -> Result<Developer, Problem> {
    developer::lookup(connection, id)
        .await?
        .ok_or_else(Problem::not_found)
}

const fn approved() -> DeveloperStatus {
    DeveloperStatus::Approved
}

fn shown(developer: Developer) -> PortalDeveloper {
    PortalDeveloper {
        id: developer.id,
        email: developer.email,
        full_name: developer.full_name,
        status: developer.status,
        created_at: developer.created_at,
        updated_at: developer.updated_at,
    }
}
