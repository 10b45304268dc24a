//! `/v2/portals/{portal}/applications`, and `/admin/v1/applications` to add, change and group them.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::application::Application;
use crate::domain::id::{ApplicationId, AuthStrategyId, DeveloperId};
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Caller, Created, Filters, Named, created};
use crate::http::admin::portals;
use crate::http::body::{Body, Wish};
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;
use crate::storage::{
    Connection, Deed, List, StorageError, Write, application, auth_strategy, developer, portal,
};

/// How many groups an application has at most: they travel in one header.
const MOST_GROUPS: usize = 64;

/// An application on the wire.
#[derive(Debug, Serialize)]
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

/// Which applications are wanted.
#[derive(Debug, Deserialize)]
pub(super) struct Filter {
    #[serde(rename = "filter[developer_id]")]
    developer: Option<DeveloperId>,
    #[serde(rename = "filter[name][contains]")]
    name: Option<String>,
}

/// An application to be made by an administrator, for a developer or for nobody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewApplication {
    name: Line<255>,
    description: Option<Prose<2048>>,
    redirect_uri: Option<Prose<2048>>,
    reference_id: Option<Line<255>>,
    developer_id: Option<DeveloperId>,
    auth_strategy_id: Option<AuthStrategyId>,
    #[serde(default)]
    groups: Vec<Line<128>>,
}

/// What an administrator may change about an application.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    name: Option<Line<255>>,
    #[serde(default)]
    description: Wish<Prose<2048>>,
    #[serde(default)]
    redirect_uri: Wish<Prose<2048>>,
    #[serde(default)]
    reference_id: Wish<Line<255>>,
    suspended: Option<bool>,
}

/// The free groups of an application.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Groups {
    groups: Vec<Line<128>>,
}

/// Lists the applications.
pub(super) async fn list(
    caller: Caller,
    Named(portal): Named<String>,
    Filters(filter): Filters<Filter>,
    paging: Paging,
) -> Answer<Listed<PortalApplication>> {
    let mut snapshot = caller.read().await?;
    portals::named(&mut snapshot, &portal).await?;
    let filter = application::Filter {
        developer: filter.developer,
        name: filter.name,
    };
    let list = application::list(&mut snapshot, filter, paging.range()).await?;
    let mut items = Vec::new();
    for application in list.items {
        items.push(shown(&mut snapshot, application).await?);
    }
    let total = list.total;
    Ok(Json(paging.answer(List { items, total }, |item| item)))
}

/// Adds an application.
pub(super) async fn add(
    caller: Caller,
    Body(new): Body<NewApplication>,
) -> Created<PortalApplication> {
    let now = caller.now();
    let mut write = caller.write().await?;
    let auth_strategy = strategy(&mut write, &new).await?;
    let generated = || Line::parse(&caller.new_id().to_string()).ok();
    let application = Application {
        id: ApplicationId(caller.new_id()),
        developer: new.developer_id,
        auth_strategy,
        name: new.name,
        description: new.description,
        redirect_uri: new.redirect_uri,
        // A developer's application has one, whoever made it.
        reference_id: match new.developer_id {
            Some(_) => new.reference_id.or_else(generated),
            None => new.reference_id,
        },
        suspended_at: None,
        created_at: now,
        updated_at: now,
    };
    application::add(&mut write, &application)
        .await
        .map_err(taken_reference)?;
    checked(&new.groups)?;
    application::set_groups(&mut write, application.id, &new.groups).await?;
    let answer = shown(&mut write, application).await?;
    write
        .commit(Deed::new("application.add", answer.id))
        .await?;
    Ok(created(answer))
}

/// Shows an application.
pub(super) async fn lookup(
    caller: Caller,
    Named((portal, id)): Named<(String, ApplicationId)>,
) -> Answer<PortalApplication> {
    let mut snapshot = caller.read().await?;
    portals::named(&mut snapshot, &portal).await?;
    let application = existing(&mut snapshot, id).await?;
    Ok(Json(shown(&mut snapshot, application).await?))
}

/// Changes an application, suspends it or lets it go on.
pub(super) async fn change(
    caller: Caller,
    Named(id): Named<ApplicationId>,
    Body(changes): Body<Changes>,
) -> Answer<PortalApplication> {
    let now = caller.now();
    let mut write = caller.write().await?;
    let mut application = existing(&mut write, id).await?;
    application.name = changes.name.unwrap_or(application.name);
    changes.description.apply(&mut application.description);
    changes.redirect_uri.apply(&mut application.redirect_uri);
    changes.reference_id.apply(&mut application.reference_id);
    application.suspended_at = match changes.suspended {
        None => application.suspended_at,
        Some(true) => application.suspended_at.or(Some(now)),
        Some(false) => None,
    };
    application.updated_at = now;
    application::update(&mut write, &application)
        .await
        .map_err(taken_reference)?;
    let answer = shown(&mut write, application).await?;
    write.commit(Deed::new("application.update", id)).await?;
    Ok(Json(answer))
}

/// Removes an application with its registrations and credentials.
pub(super) async fn remove(
    caller: Caller,
    Named((portal, id)): Named<(String, ApplicationId)>,
) -> Result<StatusCode, Problem> {
    let mut write = caller.write().await?;
    portals::named(&mut write, &portal).await?;
    existing(&mut write, id).await?;
    application::remove(&mut write, id).await?;
    write.commit(Deed::new("application.remove", id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows the free groups of an application.
pub(super) async fn groups(caller: Caller, Named(id): Named<ApplicationId>) -> Answer<Groups> {
    let mut snapshot = caller.read().await?;
    existing(&mut snapshot, id).await?;
    let groups = application::groups(&mut snapshot, id).await?;
    Ok(Json(Groups { groups }))
}

/// Replaces the free groups of an application.
pub(super) async fn set_groups(
    caller: Caller,
    Named(id): Named<ApplicationId>,
    Body(Groups { groups }): Body<Groups>,
) -> Answer<Groups> {
    checked(&groups)?;
    let mut write = caller.write().await?;
    existing(&mut write, id).await?;
    application::set_groups(&mut write, id, &groups).await?;
    let groups = application::groups(&mut write, id).await?;
    write.commit(Deed::new("application.group", id)).await?;
    Ok(Json(Groups { groups }))
}

/// Reads the application a path names.
pub(super) async fn existing(
    connection: &mut Connection,
    id: ApplicationId,
) -> Result<Application, Problem> {
    application::lookup(connection, id)
        .await?
        .ok_or_else(Problem::not_found)
}

/// Returns the strategy given, else the portal's; only nobody's application can do without.
async fn strategy(
    write: &mut Write,
    new: &NewApplication,
) -> Result<Option<AuthStrategyId>, Problem> {
    let refused = |field, reason| Problem::invalid_field(field, "exists", reason);
    if let Some(id) = new.developer_id
        && developer::lookup(write, id).await?.is_none()
    {
        return Err(refused("developer_id", "names no developer"));
    }
    if let Some(id) = new.auth_strategy_id
        && auth_strategy::lookup(write, id).await?.is_none()
    {
        return Err(refused("auth_strategy_id", "names no strategy"));
    }
    let default = portal::lookup(write).await?.default_auth_strategy;
    let strategy = new.auth_strategy_id.or(default);
    if strategy.is_none() && new.developer_id.is_some() {
        let reason = "is required, as the portal has no default strategy";
        return Err(Problem::invalid_field(
            "auth_strategy_id",
            "required",
            reason,
        ));
    }
    Ok(strategy)
}

fn checked(groups: &[Line<128>]) -> Result<(), Problem> {
    if groups.len() > MOST_GROUPS {
        return Err(Problem::invalid_field(
            "groups",
            "max_items",
            "must be at most 64",
        ));
    }
    Ok(())
}

fn taken_reference(error: StorageError) -> Problem {
    match error {
        StorageError::Duplicate => {
            Problem::conflict("another application has this reference_id already")
        }
        error => error.into(),
    }
}

async fn shown(
    connection: &mut Connection,
    application: Application,
) -> Result<PortalApplication, Problem> {
    Ok(PortalApplication {
        registration_count: application::count_registrations(connection, application.id).await?,
        groups: application::groups(connection, application.id).await?,
        id: application.id,
        name: application.name,
        description: application.description,
        redirect_uri: application.redirect_uri,
        reference_id: application.reference_id,
        developer_id: application.developer,
        auth_strategy_id: application.auth_strategy,
        suspended_at: application.suspended_at,
        created_at: application.created_at,
        updated_at: application.updated_at,
    })
}
