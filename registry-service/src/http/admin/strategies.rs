//! `/v2/application-auth-strategies`.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::auth_strategy::{AuthStrategy, Ttl};
use crate::domain::id::AuthStrategyId;
use crate::domain::service::KeyNames;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Caller, Created, Named, created};
use crate::http::body::Body;
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;
use crate::storage::{Connection, Deed, auth_strategy};

/// A strategy on the wire.
#[derive(Debug, Serialize)]
pub(super) struct Strategy {
    id: AuthStrategyId,
    name: Line<255>,
    display_name: Line<255>,
    #[serde(rename = "strategy_type")]
    kind: StrategyType,
    configs: Configs,
    active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The kinds of strategy; `openid_connect` is not available yet.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StrategyType {
    KeyAuth,
}

/// What a strategy settles, under its kind's name.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Configs {
    // Konnect writes the kind one way and its settings the other; both are taken for both.
    #[serde(rename = "key-auth", alias = "key_auth")]
    key_auth: KeyAuth,
}

/// What a key-auth strategy settles.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyAuth {
    key_names: KeyNames,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl: Option<Ttl>,
}

/// A strategy to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewStrategy {
    name: Line<255>,
    display_name: Option<Line<255>>,
    #[serde(rename = "strategy_type")]
    kind: StrategyType,
    configs: Configs,
}

/// What may be changed about a strategy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    name: Option<Line<255>>,
    display_name: Option<Line<255>>,
    configs: Option<Configs>,
}

/// Lists the strategies.
pub(super) async fn list(caller: Caller, paging: Paging) -> Answer<Listed<Strategy>> {
    let mut snapshot = caller.read().await?;
    let list = auth_strategy::list(&mut snapshot, paging.range()).await?;
    Ok(Json(paging.answer(list, shown)))
}

/// Adds a strategy.
pub(super) async fn add(caller: Caller, Body(new): Body<NewStrategy>) -> Created<Strategy> {
    let now = caller.now();
    let StrategyType::KeyAuth = new.kind;
    let key_auth = checked(new.configs)?;
    let strategy = AuthStrategy {
        id: AuthStrategyId(caller.new_id()),
        display_name: new.display_name.unwrap_or_else(|| new.name.clone()),
        name: new.name,
        key_names: key_auth.key_names,
        ttl: key_auth.ttl,
        created_at: now,
        updated_at: now,
    };
    let mut write = caller.write().await?;
    auth_strategy::add(&mut write, &strategy).await?;
    write
        .commit(Deed::new("auth-strategy.add", strategy.id))
        .await?;
    Ok(created(shown(strategy)))
}

/// Shows a strategy.
pub(super) async fn lookup(caller: Caller, Named(id): Named<AuthStrategyId>) -> Answer<Strategy> {
    let mut snapshot = caller.read().await?;
    Ok(Json(shown(existing(&mut snapshot, id).await?)))
}

/// Changes a strategy; keys that were issued keep their end.
pub(super) async fn change(
    caller: Caller,
    Named(id): Named<AuthStrategyId>,
    Body(changes): Body<Changes>,
) -> Answer<Strategy> {
    let mut write = caller.write().await?;
    let mut strategy = existing(&mut write, id).await?;
    strategy.name = changes.name.unwrap_or(strategy.name);
    strategy.display_name = changes.display_name.unwrap_or(strategy.display_name);
    if let Some(configs) = changes.configs {
        let key_auth = checked(configs)?;
        strategy.key_names = key_auth.key_names;
        strategy.ttl = key_auth.ttl;
    }
    strategy.updated_at = caller.now();
    auth_strategy::update(&mut write, &strategy).await?;
    write.commit(Deed::new("auth-strategy.update", id)).await?;
    Ok(Json(shown(strategy)))
}

/// Removes a strategy that nothing uses.
pub(super) async fn remove(
    caller: Caller,
    Named(id): Named<AuthStrategyId>,
) -> Result<StatusCode, Problem> {
    let mut write = caller.write().await?;
    existing(&mut write, id).await?;
    auth_strategy::remove(&mut write, id).await?;
    write.commit(Deed::new("auth-strategy.remove", id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads the strategy a path names.
pub(super) async fn existing(
    connection: &mut Connection,
    id: AuthStrategyId,
) -> Result<AuthStrategy, Problem> {
    auth_strategy::lookup(connection, id)
        .await?
        .ok_or_else(Problem::not_found)
}

fn checked(configs: Configs) -> Result<KeyAuth, Problem> {
    let Configs { key_auth } = configs;
    if key_auth.ttl.is_some_and(|ttl| ttl.value == 0) {
        let field = "configs.key-auth.ttl.value";
        return Err(Problem::invalid_field(field, "min", "must be at least 1"));
    }
    Ok(key_auth)
}

fn shown(strategy: AuthStrategy) -> Strategy {
    Strategy {
        id: strategy.id,
        name: strategy.name,
        display_name: strategy.display_name,
        kind: StrategyType::KeyAuth,
        configs: Configs {
            key_auth: KeyAuth {
                key_names: strategy.key_names,
                ttl: strategy.ttl,
            },
        },
        active: true,
        created_at: strategy.created_at,
        updated_at: strategy.updated_at,
    }
}
