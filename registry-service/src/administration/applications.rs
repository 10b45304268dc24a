//! Applications, as administrators add, change, group and remove them.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::administration::{Acting, AdministrationError, Conflict, InvalidField, Result};
use crate::domain::access::Duty;
use crate::domain::application::{Application, RedirectUri};
use crate::domain::id::{ApplicationId, AuthStrategyId, DeveloperId};
use crate::domain::text::{Line, Prose};
use crate::domain::wish::Wish;
use crate::storage::{
    Connection, Deed, List, Wanted, Write, application, auth_strategy, developer, portal,
};

/// How many groups an application has at most: they travel in one header.
const MOST_GROUPS: usize = 64;

/// An application, and what is known around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationView {
    /// The application.
    pub application: Application,
    /// How many registrations it has.
    pub registration_count: i64,
    /// Its free groups, by name.
    pub groups: Vec<Line<128>>,
}

/// An application to be made by an administrator, for a developer or for nobody.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// Its name; not unique.
    pub name: Line<255>,
    /// What it is about.
    pub description: Option<Prose<2048>>,
    /// Where its users return to.
    pub redirect_uri: Option<Prose<2048>>,
    /// Its name elsewhere, unique in the registry; a developer's application always has one.
    pub reference_id: Option<Line<255>>,
    /// Whose it is.
    pub developer_id: Option<DeveloperId>,
    /// How it authenticates; missing: as the portal's default says.
    pub auth_strategy_id: Option<AuthStrategyId>,
    /// Its free groups.
    #[serde(default)]
    pub groups: Vec<Line<128>>,
}

/// What an administrator may change about an application.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationChanges {
    /// Its name.
    pub name: Option<Line<255>>,
    /// What it is about.
    #[serde(default)]
    pub description: Wish<Prose<2048>>,
    /// Where its users return to.
    #[serde(default)]
    pub redirect_uri: Wish<Prose<2048>>,
    /// Its name elsewhere.
    #[serde(default)]
    pub reference_id: Wish<Line<255>>,
    /// Whether its keys are refused for now.
    pub suspended: Option<bool>,
}

/// Lists applications.
pub async fn list(acting: &Acting, wanted: &Wanted) -> Result<List<ApplicationView>> {
    let mut snapshot = acting.read().await?;
    let list = application::list(&mut snapshot, wanted).await?;
    let mut items = Vec::new();
    for application in list.items {
        items.push(view(&mut snapshot, application).await?);
    }
    let total = list.total;
    Ok(List { items, total })
}

/// Adds an application.
pub async fn add(acting: &Acting, new: NewApplication) -> Result<ApplicationView> {
    check_groups(&new.groups)?;
    check_redirect_uri(new.redirect_uri.as_ref())?;
    let mut write = acting.write(Duty::Manage).await?;
    let auth_strategy = strategy(&mut write, &new).await?;
    let generated = || Line::parse(&acting.new_id().to_string()).ok();
    let application = Application {
        id: ApplicationId(acting.new_id()),
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
        created_at: write.now,
        updated_at: write.now,
    };
    application::add(&mut write, &application)
        .await
        .map_err(Conflict::Reference.if_taken())?;
    application::set_groups(&mut write, application.id, &new.groups).await?;
    let view = view(&mut write, application).await?;
    let deed = Deed::new("application.add", view.application.id).became(&view.application);
    write.commit(deed).await?;
    Ok(view)
}

/// Reads an application.
pub async fn lookup(acting: &Acting, id: ApplicationId) -> Result<ApplicationView> {
    let mut snapshot = acting.read().await?;
    let application = existing(&mut snapshot, id).await?;
    view(&mut snapshot, application).await
}

/// Changes an application, suspends it or lets it go on.
pub async fn change(
    acting: &Acting,
    id: ApplicationId,
    changes: ApplicationChanges,
) -> Result<ApplicationView> {
    let mut write = acting.write(Duty::Manage).await?;
    let now = write.now;
    let before = existing(&mut write, id).await?;
    acting.expect(before.updated_at)?;
    let mut application = before.clone();
    application.name = changes.name.unwrap_or(application.name);
    changes.description.apply(&mut application.description);
    changes.redirect_uri.apply(&mut application.redirect_uri);
    check_redirect_uri(application.redirect_uri.as_ref())?;
    changes.reference_id.apply(&mut application.reference_id);
    application.suspended_at = match changes.suspended {
        None => application.suspended_at,
        Some(true) => application.suspended_at.or(Some(now)),
        Some(false) => None,
    };
    application.updated_at = now.later_than(before.updated_at);
    application::update(&mut write, &application)
        .await
        .map_err(Conflict::Reference.if_taken())?;
    let view = view(&mut write, application).await?;
    let deed = Deed::new("application.update", id).was(&before);
    write.commit(deed.became(&view.application)).await?;
    Ok(view)
}

/// Removes an application with its registrations and credentials.
pub async fn remove(acting: &Acting, id: ApplicationId) -> Result<()> {
    let mut write = acting.write(Duty::Manage).await?;
    let before = existing(&mut write, id).await?;
    acting.expect(before.updated_at)?;
    application::remove(&mut write, id).await?;
    let deed = Deed::new("application.remove", id).was(&before);
    write.commit(deed).await?;
    Ok(())
}

/// Lists the free groups of an application, by name.
pub async fn groups(acting: &Acting, id: ApplicationId) -> Result<Vec<Line<128>>> {
    let mut snapshot = acting.read().await?;
    existing(&mut snapshot, id).await?;
    Ok(application::groups(&mut snapshot, id).await?)
}

/// Replaces the free groups of an application.
pub async fn set_groups(
    acting: &Acting,
    id: ApplicationId,
    groups: &[Line<128>],
) -> Result<Vec<Line<128>>> {
    check_groups(groups)?;
    let mut write = acting.write(Duty::Manage).await?;
    let mut application = existing(&mut write, id).await?;
    acting.expect(application.updated_at)?;
    let before = application::groups(&mut write, id).await?;
    application.updated_at = write.now.later_than(application.updated_at);
    application::update(&mut write, &application).await?;
    application::set_groups(&mut write, id, groups).await?;
    let groups = application::groups(&mut write, id).await?;
    let deed = Deed::new("application.group", id).was(&before);
    write.commit(deed.became(&groups)).await?;
    Ok(groups)
}

pub(super) async fn existing(
    connection: &mut Connection,
    id: ApplicationId,
) -> Result<Application> {
    application::lookup(connection, id)
        .await?
        .ok_or(AdministrationError::Unknown)
}

/// Returns the strategy given, else the portal's; only nobody's application can do without.
async fn strategy(write: &mut Write, new: &NewApplication) -> Result<Option<AuthStrategyId>> {
    let refused = |field, rule, reason| Err(InvalidField::new(field, rule, reason).into());
    if let Some(id) = new.developer_id
        && developer::lookup(write, id).await?.is_none()
    {
        return refused("developer_id", "exists", "names no developer");
    }
    if let Some(id) = new.auth_strategy_id
        && auth_strategy::lookup(write, id).await?.is_none()
    {
        return refused("auth_strategy_id", "exists", "names no strategy");
    }
    let default = portal::lookup(write).await?.default_auth_strategy;
    let strategy = new.auth_strategy_id.or(default);
    if strategy.is_none() && new.developer_id.is_some() {
        let reason = "is required, as the portal has no default strategy";
        return refused("auth_strategy_id", "required", reason);
    }
    Ok(strategy)
}

fn check_groups(groups: &[Line<128>]) -> Result<()> {
    if groups.len() > MOST_GROUPS {
        return Err(InvalidField::new("groups", "max_items", "must be at most 64").into());
    }
    Ok(())
}

/// An administrator may link no more than a developer may.
fn check_redirect_uri(uri: Option<&Prose<2048>>) -> Result<()> {
    let parsed = uri
        .map(|uri| uri.as_str().parse::<RedirectUri>())
        .transpose();
    let refused = |error| InvalidField::new("redirect_uri", "url", error);
    parsed.map_err(refused)?;
    Ok(())
}

async fn view(connection: &mut Connection, application: Application) -> Result<ApplicationView> {
    Ok(ApplicationView {
        registration_count: application::count_registrations(connection, application.id).await?,
        groups: application::groups(connection, application.id).await?,
        application,
    })
}
