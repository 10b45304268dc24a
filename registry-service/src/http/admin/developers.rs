//! `/v2/portals/{portal}/developers`, and `/admin/v1/developers` to add one.

use axum::response::NoContent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::administration::developers::{self, NewDeveloper};
use crate::domain::developer::{Developer, DeveloperStatus};
use crate::domain::id::{DeveloperId, PortalId};
use crate::domain::text::{Email, Line};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{
    Answer, Asked, Caller, Created, Named, One, Single, created, one,
};
use crate::http::body::Body;
use crate::http::paging::Listed;
use crate::http::problem::Problem;

/// A developer on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PortalDeveloper {
    id: DeveloperId,
    email: Email,
    full_name: Line<256>,
    status: DeveloperStatus,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A decision about a developer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    status: DeveloperStatus,
}

/// What names a developer.
type Path = (PortalId, DeveloperId);

/// Lists the developers.
pub(super) async fn list(Caller(acting): Caller, asked: Asked) -> Answer<Listed<PortalDeveloper>> {
    let list = developers::list(&acting, &asked.wanted).await?;
    Ok(asked.answer(list, shown))
}

/// Adds a developer, whose address an administrator vouches for; the link that leads to a password
/// waits in the outbox.
pub(super) async fn add(
    Caller(acting): Caller,
    Body(new): Body<NewDeveloper>,
) -> Created<PortalDeveloper> {
    Ok(created(single(developers::add(&acting, new).await?)))
}

/// Shows a developer.
pub(super) async fn lookup(
    Caller(acting): Caller,
    Named((_, id)): Named<Path>,
) -> Single<PortalDeveloper> {
    Ok(single(developers::lookup(&acting, id).await?))
}

/// Approves, rejects or revokes a developer.
pub(super) async fn decide(
    Caller(acting): Caller,
    Named((_, id)): Named<Path>,
    Body(Decision { status }): Body<Decision>,
) -> Single<PortalDeveloper> {
    Ok(single(developers::decide(&acting, id, status).await?))
}

/// Removes a developer with their applications, registrations and credentials.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named((_, id)): Named<Path>,
) -> Result<NoContent, Problem> {
    developers::remove(&acting, id).await?;
    Ok(NoContent)
}

fn single(developer: Developer) -> One<PortalDeveloper> {
    one(developer.updated_at, shown(developer))
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
