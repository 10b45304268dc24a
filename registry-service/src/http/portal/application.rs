//! `/api/v2/applications`: the developer's own.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::domain::application::Application;
use crate::domain::id::{ApplicationId, AuthStrategyId};
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::http::body::Body;
use crate::http::paging::{Listed, Paging};
use crate::http::path::Named;
use crate::http::portal::filter::Filters;
use crate::http::portal::signed_in::SignedIn;
use crate::http::portal::strategy;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::{Connection, Deed, StorageError, application, auth_strategy, own, portal};

/// How many applications a developer has at most (Konnect's limit).
const MOST_APPLICATIONS: i64 = 500;

/// An application on the wire.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    id: ApplicationId,
    name: Line<255>,
    reference_id: String,
    description: Option<Prose<2048>>,
    redirect_uri: Option<Prose<2048>>,
    auth_strategy: Option<strategy::Answer>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// An application to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    name: Line<255>,
    auth_strategy_id: Option<AuthStrategyId>,
    reference_id: Option<String>,
    description: Option<String>,
    redirect_uri: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

/// What may be changed about an application.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    name: Option<Line<255>>,
    reference_id: Option<String>,
    description: Option<String>,
    redirect_uri: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

/// Lists the developer's applications.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    signed_in: SignedIn,
    (paging, filters): (Paging, Filters),
) -> Result<Json<Listed<Answer>>, Problem> {
    let name = filters.text("name");
    let wanted = own::application::Wanted {
        name: name.equals,
        name_contains: name.contains,
        auth_strategy: filters.equals("auth_strategy_id"),
    };
    let mut snapshot = registry.storage.read().await?;
    let wanted = (wanted, paging.range());
    let list = own::application::list(&mut snapshot, signed_in.developer, wanted).await?;
    let strategies = list.items.iter().filter_map(|item| item.auth_strategy);
    let strategies = strategies.collect();
    let strategies = strategy::of(&mut snapshot, strategies).await?;
    Ok(Json(paging.answer(list, |application| {
        let shown = application.auth_strategy.and_then(|id| strategies.full(id));
        answer(application, shown)
    })))
}

/// Shows one of the developer's applications.
pub(super) async fn lookup(
    State(registry): State<Arc<Registry>>,
    signed_in: SignedIn,
    Named(id): Named<ApplicationId>,
) -> Result<Json<Answer>, Problem> {
    let mut snapshot = registry.storage.read().await?;
    let application = existing(&mut snapshot, signed_in, id).await?;
    Ok(Json(complete(&mut snapshot, application).await?))
}

/// Adds an application.
pub(super) async fn add(
    State(registry): State<Arc<Registry>>,
    signed_in: SignedIn,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Answer>), Problem> {
    refuse_scopes(&new.scopes)?;
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    if own::application::count(&mut write, signed_in.developer).await? >= MOST_APPLICATIONS {
        return Err(Problem::forbidden(
            "there are as many applications as there may be",
        ));
    }
    let generated = registry.random.uuid().to_string();
    let reference_id = filled(new.reference_id).unwrap_or(generated);
    let application = Application {
        id: ApplicationId(registry.random.uuid()),
        developer: Some(signed_in.developer),
        auth_strategy: Some(chosen_strategy(&mut write, new.auth_strategy_id).await?),
        name: new.name,
        description: filled(new.description)
            .as_deref()
            .map(description)
            .transpose()?,
        redirect_uri: filled(new.redirect_uri)
            .as_deref()
            .map(redirect_uri)
            .transpose()?,
        reference_id: Some(reference(&reference_id)?),
        suspended_at: None,
        created_at: now,
        updated_at: now,
    };
    application::add(&mut write, &application)
        .await
        .map_err(taken)?;
    let deed = Deed::new("application.add", application.id);
    let answer = complete(&mut write, application).await?;
    write.commit(deed).await?;
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Changes one of the developer's applications.
pub(super) async fn change(
    State(registry): State<Arc<Registry>>,
    signed_in: SignedIn,
    Named(id): Named<ApplicationId>,
    Body(changes): Body<Changes>,
) -> Result<Json<Answer>, Problem> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let before = existing(&mut write, signed_in, id).await?;
    let after = changes.apply(before, now)?;
    application::update(&mut write, &after)
        .await
        .map_err(taken)?;
    let deed = Deed::new("application.update", after.id);
    let answer = complete(&mut write, after).await?;
    write.commit(deed).await?;
    Ok(Json(answer))
}

/// Removes one of the developer's applications, and what hangs on it.
pub(super) async fn remove(
    State(registry): State<Arc<Registry>>,
    signed_in: SignedIn,
    Named(id): Named<ApplicationId>,
) -> Result<StatusCode, Problem> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let application = existing(&mut write, signed_in, id).await?;
    application::remove(&mut write, application.id).await?;
    let deed = Deed::new("application.remove", application.id);
    write.commit(deed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads the developer's application that a path names.
pub(super) async fn existing(
    connection: &mut Connection,
    signed_in: SignedIn,
    id: ApplicationId,
) -> Result<Application, Problem> {
    let owner = signed_in.developer;
    let found = own::application::lookup(connection, owner, id).await?;
    found.ok_or_else(Problem::not_found)
}

// === impl Changes ===

impl Changes {
    fn apply(self, application: Application, now: Timestamp) -> Result<Application, Problem> {
        refuse_scopes(&self.scopes)?;
        let mut after = Application {
            name: self.name.unwrap_or(application.name),
            updated_at: now,
            ..application
        };
        if let Some(text) = filled(self.reference_id) {
            after.reference_id = Some(reference(&text)?);
        }
        if let Some(text) = self.description {
            after.description = filled(Some(text)).as_deref().map(description).transpose()?;
        }
        if let Some(text) = self.redirect_uri {
            after.redirect_uri = filled(Some(text))
                .as_deref()
                .map(redirect_uri)
                .transpose()?;
        }
        Ok(after)
    }
}

/// Returns the strategy a developer chose, or the portal's.
async fn chosen_strategy(
    connection: &mut Connection,
    chosen: Option<AuthStrategyId>,
) -> Result<AuthStrategyId, Problem> {
    let refused =
        |reason: &str| Problem::invalid_field("auth_strategy_id", "invalid", reason.to_owned());
    let id = match chosen {
        Some(id) => id,
        None => portal::lookup(connection)
            .await?
            .default_auth_strategy
            .ok_or_else(|| refused("is required: the portal has no default auth strategy"))?,
    };
    match auth_strategy::lookup(connection, id).await? {
        Some(strategy) => Ok(strategy.id),
        None => Err(refused("must be an auth strategy of the portal")),
    }
}

/// A form sends what was left empty as empty text.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn reference(text: &str) -> Result<Line<255>, Problem> {
    Line::parse(text).map_err(|error| Problem::invalid_field("reference_id", "invalid", error))
}

fn description(text: &str) -> Result<Prose<2048>, Problem> {
    Prose::parse(text).map_err(|error| Problem::invalid_field("description", "invalid", error))
}

/// Parses where an application's users return to: an absolute URL, of any scheme but those that
/// run in the page that links to it.
fn redirect_uri(text: &str) -> Result<Prose<2048>, Problem> {
    let refused =
        |reason: &str| Problem::invalid_field("redirect_uri", "invalid", reason.to_owned());
    let url = Url::parse(text).map_err(|_| refused("must be an absolute URL"))?;
    if ["javascript", "data", "vbscript", "blob"].contains(&url.scheme()) {
        return Err(refused("must not run in a page"));
    }
    Prose::parse(text).map_err(|error| refused(&error.to_string()))
}

/// Scopes belong to strategies that are not built.
fn refuse_scopes(scopes: &[String]) -> Result<(), Problem> {
    if scopes.is_empty() {
        return Ok(());
    }
    let reason = "must be empty: the auth strategy has no scopes";
    Err(Problem::invalid_field("scopes", "invalid", reason))
}

fn taken(error: StorageError) -> Problem {
    match error {
        StorageError::Duplicate => {
            Problem::conflict("another application has this reference id already")
        }
        error => error.into(),
    }
}

async fn complete(
    connection: &mut Connection,
    application: Application,
) -> Result<Answer, Problem> {
    let ids = application.auth_strategy.into_iter().collect();
    let strategies = strategy::of(connection, ids).await?;
    let shown = application.auth_strategy.and_then(|id| strategies.full(id));
    Ok(answer(application, shown))
}

fn answer(application: Application, auth_strategy: Option<strategy::Answer>) -> Answer {
    let reference = application.reference_id.map(|text| text.to_string());
    Answer {
        id: application.id,
        name: application.name,
        reference_id: reference.unwrap_or_default(),
        description: application.description,
        redirect_uri: application.redirect_uri,
        auth_strategy,
        created_at: application.created_at,
        updated_at: application.updated_at,
    }
}
