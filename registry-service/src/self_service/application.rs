//! A developer's applications.

mod error;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::application::{Application, RedirectUri};
use crate::domain::auth_strategy::AuthStrategy;
use crate::domain::id::{ApplicationId, AuthStrategyId};
use crate::domain::once::Once;
use crate::domain::session::SignedIn;
use crate::domain::text::{Line, Prose};
use crate::domain::wish::Wish;
use crate::registry::Registry;
use crate::self_service::credential::{self, Issued};
use crate::storage::own::application::Wanted;
use crate::storage::{
    Connection, Deed, List, Range, StorageError, Write, application, auth_strategy, once, own,
    portal,
};

pub use error::ApplicationError;

/// How many applications a developer has at most (Konnect's limit).
pub const MOST_APPLICATIONS: i64 = 500;

/// An application, and how it authenticates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnApplication {
    /// The application.
    pub application: Application,
    /// Its strategy.
    pub auth_strategy: Option<AuthStrategy>,
}

/// An application to be.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// Its name.
    pub name: Line<255>,
    /// Its strategy, for good; the portal's if none is named.
    pub auth_strategy: Option<AuthStrategyId>,
    /// Its name elsewhere; one is made up if there is none.
    pub reference_id: Option<Line<255>>,
    /// What it is about.
    pub description: Option<Prose<2048>>,
    /// Where its users return to.
    pub redirect_uri: Option<RedirectUri>,
}

/// What is to become of an application.
#[derive(Debug, Clone, Default)]
pub struct ApplicationChanges {
    /// Its new name.
    pub name: Option<Line<255>>,
    /// Its new name elsewhere.
    pub reference_id: Option<Line<255>>,
    /// What it is about.
    pub description: Wish<Prose<2048>>,
    /// Where its users return to.
    pub redirect_uri: Wish<RedirectUri>,
}

/// Lists the developer's applications, by name.
pub async fn list(
    registry: &Registry,
    signed_in: SignedIn,
    (wanted, range): (Wanted, Range),
) -> Result<List<OwnApplication>, ApplicationError> {
    let mut snapshot = registry.storage.read().await?;
    let list = own::application::list(&mut snapshot, signed_in.developer(), (wanted, range));
    let List { items, total } = list.await?;
    let items = with_strategies(&mut snapshot, items).await?;
    Ok(List { items, total })
}

/// Shows one of the developer's applications.
pub async fn lookup(
    registry: &Registry,
    signed_in: SignedIn,
    id: ApplicationId,
) -> Result<OwnApplication, ApplicationError> {
    let mut snapshot = registry.storage.read().await?;
    let application = existing(&mut snapshot, signed_in, id).await?;
    with_strategy(&mut snapshot, application).await
}

/// Adds an application.
pub async fn add(
    registry: &Registry,
    signed_in: SignedIn,
    new: NewApplication,
) -> Result<OwnApplication, ApplicationError> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let added = add_alone(registry, &mut write, (signed_in, new)).await?;
    write.commit(deed_of(&added.application)).await?;
    Ok(added)
}

/// Adds an application and its first credential, if its strategy asks for one. A form that counts
/// once does neither when it is sent again.
pub async fn add_with_credential(
    registry: &Registry,
    signed_in: SignedIn,
    (new, once): (NewApplication, Option<Once>),
) -> Result<(OwnApplication, Option<Issued>), ApplicationError> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    once::spend(&mut write, once).await.map_err(already_made)?;
    let added = add_alone(registry, &mut write, (signed_in, new)).await?;
    let strategy = added.auth_strategy.as_ref();
    let issued = if strategy.is_some_and(|strategy| strategy.default_credential) {
        if !signed_in.may_make_secrets(now) {
            return Err(ApplicationError::LoginTooOld);
        }
        Some(credential::add_first(registry, &mut write, &added.application).await?)
    } else {
        None
    };
    write.commit(deed_of(&added.application)).await?;
    Ok((added, issued))
}

/// Changes one of the developer's applications.
pub async fn change(
    registry: &Registry,
    signed_in: SignedIn,
    (id, changes): (ApplicationId, ApplicationChanges),
) -> Result<OwnApplication, ApplicationError> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let before = existing(&mut write, signed_in, id).await?;
    let mut application = before.clone();
    application.name = changes.name.unwrap_or(application.name);
    application.reference_id = changes.reference_id.or(application.reference_id);
    changes.description.apply(&mut application.description);
    changes
        .redirect_uri
        .map(Prose::from)
        .apply(&mut application.redirect_uri);
    application.updated_at = now.later_than(before.updated_at);
    application::update(&mut write, &application)
        .await
        .map_err(taken)?;
    let after = with_strategy(&mut write, application).await?;
    let deed = Deed::new("application.update", id).was(&before);
    write.commit(deed.became(&after.application)).await?;
    Ok(after)
}

/// Removes one of the developer's applications, and what hangs on it.
pub async fn remove(
    registry: &Registry,
    signed_in: SignedIn,
    id: ApplicationId,
) -> Result<(), ApplicationError> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let application = existing(&mut write, signed_in, id).await?;
    application::remove(&mut write, application.id).await?;
    let deed = Deed::new("application.remove", application.id).was(&application);
    write.commit(deed).await?;
    Ok(())
}

fn deed_of(added: &Application) -> Deed {
    Deed::new("application.add", added.id).became(added)
}

async fn add_alone(
    registry: &Registry,
    write: &mut Write,
    (signed_in, new): (SignedIn, NewApplication),
) -> Result<OwnApplication, ApplicationError> {
    let developer = signed_in.developer();
    if own::application::count(write, developer).await? >= MOST_APPLICATIONS {
        return Err(ApplicationError::TooMany);
    }
    let generated = || Line::parse(&registry.random.uuid().to_string()).ok();
    let application = Application {
        id: ApplicationId(registry.random.uuid()),
        developer: Some(developer),
        auth_strategy: Some(chosen_strategy(write, new.auth_strategy).await?),
        name: new.name,
        description: new.description,
        redirect_uri: new.redirect_uri.map(Prose::from),
        reference_id: new.reference_id.or_else(generated),
        suspended_at: None,
        created_at: write.now,
        updated_at: write.now,
    };
    application::add(write, &application).await.map_err(taken)?;
    with_strategy(write, application).await
}

async fn existing(
    connection: &mut Connection,
    signed_in: SignedIn,
    id: ApplicationId,
) -> Result<Application, ApplicationError> {
    let found = own::application::lookup(connection, signed_in.developer(), id).await?;
    found.ok_or(ApplicationError::Missing)
}

/// Returns the strategy a developer chose, or the portal's.
async fn chosen_strategy(
    connection: &mut Connection,
    chosen: Option<AuthStrategyId>,
) -> Result<AuthStrategyId, ApplicationError> {
    let id = match chosen {
        Some(id) => id,
        None => portal::lookup(connection)
            .await?
            .default_auth_strategy
            .ok_or(ApplicationError::NoStrategy)?,
    };
    match auth_strategy::lookup(connection, id).await? {
        Some(strategy) => Ok(strategy.id),
        None => Err(ApplicationError::UnknownStrategy),
    }
}

/// Reads how applications authenticate; most share a strategy.
pub(super) async fn with_strategies(
    connection: &mut Connection,
    applications: Vec<Application>,
) -> Result<Vec<OwnApplication>, StorageError> {
    let ids: BTreeSet<_> = applications
        .iter()
        .filter_map(|item| item.auth_strategy)
        .collect();
    let mut strategies = BTreeMap::new();
    for id in ids {
        strategies.insert(id, auth_strategy::lookup(connection, id).await?);
    }
    let complete = |application: Application| OwnApplication {
        auth_strategy: application
            .auth_strategy
            .and_then(|id| strategies.get(&id).cloned().flatten()),
        application,
    };
    Ok(applications.into_iter().map(complete).collect())
}

async fn with_strategy(
    connection: &mut Connection,
    application: Application,
) -> Result<OwnApplication, ApplicationError> {
    Ok(OwnApplication {
        auth_strategy: match application.auth_strategy {
            Some(id) => auth_strategy::lookup(connection, id).await?,
            None => None,
        },
        application,
    })
}

fn already_made(error: StorageError) -> ApplicationError {
    match error {
        StorageError::Duplicate => ApplicationError::AlreadyMade,
        error => error.into(),
    }
}

fn taken(error: StorageError) -> ApplicationError {
    match error {
        StorageError::Duplicate => ApplicationError::ReferenceTaken,
        error => error.into(),
    }
}
