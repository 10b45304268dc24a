//! `/api/v2/applications`: the developer's own.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::id::{ApplicationId, AuthStrategyId};
use crate::domain::text::{Line, Prose, optional};
use crate::domain::timestamp::Timestamp;
use crate::domain::wish::Wish;
use crate::http::body::Body;
use crate::http::paging::{LenientPaging, Listed};
use crate::http::path::Named;
use crate::http::portal::filter::Filters;
use crate::http::portal::signed_in::Developer;
use crate::http::portal::strategy;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::application::{self, ApplicationChanges, NewApplication, OwnApplication};
use crate::storage::own;

/// An application on the wire.
#[derive(Debug, Serialize, JsonSchema)]
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
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    name: Line<255>,
    auth_strategy_id: Option<AuthStrategyId>,
    #[serde(default, deserialize_with = "given")]
    reference_id: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<String>,
    #[serde(default, deserialize_with = "given")]
    redirect_uri: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

/// What may be changed about an application.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    #[serde(default, deserialize_with = "given")]
    name: Option<Line<255>>,
    #[serde(default, deserialize_with = "given")]
    reference_id: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<String>,
    #[serde(default, deserialize_with = "given")]
    redirect_uri: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

/// Lists the developer's applications.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    (LenientPaging(paging), filters): (LenientPaging, Filters),
) -> Result<Json<Listed<Answer>>, Problem> {
    let name = filters.text("name");
    let wanted = own::application::Wanted {
        name: name.equals,
        name_contains: name.contains,
        auth_strategy: filters.equals("auth_strategy_id"),
    };
    let list = application::list(&registry, signed_in, (wanted, paging.range())).await?;
    Ok(Json(paging.answer(list, answer)))
}

/// Shows one of the developer's applications.
pub(super) async fn lookup(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(id): Named<ApplicationId>,
) -> Result<Json<Answer>, Problem> {
    let found = application::lookup(&registry, signed_in, id).await?;
    Ok(Json(answer(found)))
}

/// Adds an application.
pub(super) async fn add(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Answer>), Problem> {
    let added = application::add(&registry, signed_in, new.try_into()?).await?;
    Ok((StatusCode::CREATED, Json(answer(added))))
}

/// Changes one of the developer's applications.
pub(super) async fn change(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(id): Named<ApplicationId>,
    Body(changes): Body<Changes>,
) -> Result<Json<Answer>, Problem> {
    let changes = (id, changes.try_into()?);
    let after = application::change(&registry, signed_in, changes).await?;
    Ok(Json(answer(after)))
}

/// Removes one of the developer's applications, and what hangs on it.
pub(super) async fn remove(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(id): Named<ApplicationId>,
) -> Result<StatusCode, Problem> {
    application::remove(&registry, signed_in, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

// === impl New ===

impl TryFrom<New> for NewApplication {
    type Error = Problem;

    fn try_from(new: New) -> Result<Self, Problem> {
        let New {
            name,
            auth_strategy_id,
            reference_id,
            description,
            redirect_uri,
            scopes,
        } = new;
        refuse_scopes(&scopes)?;
        Ok(Self {
            name,
            auth_strategy: auth_strategy_id,
            reference_id: parsed("reference_id", reference_id.as_deref())?,
            description: parsed("description", description.as_deref())?,
            redirect_uri: parsed("redirect_uri", redirect_uri.as_deref())?,
        })
    }
}

// === impl Changes ===

impl TryFrom<Changes> for ApplicationChanges {
    type Error = Problem;

    fn try_from(changes: Changes) -> Result<Self, Problem> {
        let Changes {
            name,
            reference_id,
            description,
            redirect_uri,
            scopes,
        } = changes;
        refuse_scopes(&scopes)?;
        Ok(Self {
            name,
            reference_id: parsed("reference_id", reference_id.as_deref())?,
            description: wished("description", description.as_deref())?,
            redirect_uri: wished("redirect_uri", redirect_uri.as_deref())?,
        })
    }
}

/// Reads a member that may be missing but, in Konnect's document, not null.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Parses a member that means nothing when it is empty.
fn parsed<T: FromStr>(field: &str, text: Option<&str>) -> Result<Option<T>, Problem>
where
    T::Err: Display,
{
    optional(text).map_err(|error| Problem::invalid_field(field, "invalid", error))
}

/// Parses a member that is no more when it is empty, and stays as it is when it is missing.
fn wished<T: FromStr>(field: &str, text: Option<&str>) -> Result<Wish<T>, Problem>
where
    T::Err: Display,
{
    match text {
        None => Ok(Wish::Keep),
        text => parsed(field, text).map(Wish::from),
    }
}

/// Scopes belong to strategies that are not built.
fn refuse_scopes(scopes: &[String]) -> Result<(), Problem> {
    if scopes.is_empty() {
        return Ok(());
    }
    let reason = "must be empty: the auth strategy has no scopes";
    Err(Problem::invalid_field("scopes", "invalid", reason))
}

pub(super) fn answer(own: OwnApplication) -> Answer {
    let application = own.application;
    let reference = application.reference_id.map(|text| text.to_string());
    Answer {
        id: application.id,
        name: application.name,
        reference_id: reference.unwrap_or_default(),
        description: application.description,
        redirect_uri: application.redirect_uri,
        auth_strategy: own.auth_strategy.map(strategy::answer),
        created_at: application.created_at,
        updated_at: application.updated_at,
    }
}
