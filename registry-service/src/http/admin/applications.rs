//! `/v2/portals/{portal}/applications`, and `/admin/v1/applications` to add, change and group them.

use axum::Json;
use axum::response::NoContent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::administration::applications::{
    self, ApplicationChanges, ApplicationView, NewApplication,
};
use crate::domain::id::{ApplicationId, AuthStrategyId, DeveloperId, PortalId};
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{
    Answer, Asked, Caller, Created, Named, One, Single, created, one,
};
use crate::http::body::Body;
use crate::http::paging::Listed;
use crate::http::problem::Problem;

/// An application on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PortalApplication {
    id: ApplicationId,
    name: Line<255>,
    description: Option<Prose<2048>>,
    redirect_uri: Option<Prose<2048>>,
    reference_id: Option<Line<255>>,
    developer_id: Option<DeveloperId>,
    auth_strategy_id: Option<AuthStrategyId>,
    registration_count: i64,
    groups: Vec<Line<128>>,
    suspended_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The free groups of an application.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Groups {
    groups: Vec<Line<128>>,
}

/// What names an application of the portal.
type Path = (PortalId, ApplicationId);

/// Lists the applications.
pub(super) async fn list(
    Caller(acting): Caller,
    asked: Asked,
) -> Answer<Listed<PortalApplication>> {
    let list = applications::list(&acting, &asked.wanted).await?;
    Ok(asked.answer(list, shown))
}

/// Adds an application.
pub(super) async fn add(
    Caller(acting): Caller,
    Body(new): Body<NewApplication>,
) -> Created<PortalApplication> {
    Ok(created(single(applications::add(&acting, new).await?)))
}

/// Shows an application.
pub(super) async fn lookup(
    Caller(acting): Caller,
    Named((_, id)): Named<Path>,
) -> Single<PortalApplication> {
    Ok(single(applications::lookup(&acting, id).await?))
}

/// Changes an application, suspends it or lets it go on.
pub(super) async fn change(
    Caller(acting): Caller,
    Named(id): Named<ApplicationId>,
    Body(changes): Body<ApplicationChanges>,
) -> Single<PortalApplication> {
    let view = applications::change(&acting, id, changes).await?;
    Ok(single(view))
}

/// Removes an application with its registrations and credentials.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named((_, id)): Named<Path>,
) -> Result<NoContent, Problem> {
    applications::remove(&acting, id).await?;
    Ok(NoContent)
}

/// Shows the free groups of an application.
pub(super) async fn groups(
    Caller(acting): Caller,
    Named(id): Named<ApplicationId>,
) -> Answer<Groups> {
    let groups = applications::groups(&acting, id).await?;
    Ok(Json(Groups { groups }))
}

/// Replaces the free groups of an application.
pub(super) async fn set_groups(
    Caller(acting): Caller,
    Named(id): Named<ApplicationId>,
    Body(Groups { groups }): Body<Groups>,
) -> Answer<Groups> {
    let groups = applications::set_groups(&acting, id, &groups).await?;
    Ok(Json(Groups { groups }))
}

fn single(view: ApplicationView) -> One<PortalApplication> {
    one(view.application.updated_at, shown(view))
}

fn shown(view: ApplicationView) -> PortalApplication {
    let application = view.application;
    PortalApplication {
        id: application.id,
        name: application.name,
        description: application.description,
        redirect_uri: application.redirect_uri,
        reference_id: application.reference_id,
        developer_id: application.developer,
        auth_strategy_id: application.auth_strategy,
        registration_count: view.registration_count,
        groups: view.groups,
        suspended_at: application.suspended_at,
        created_at: application.created_at,
        updated_at: application.updated_at,
    }
}
