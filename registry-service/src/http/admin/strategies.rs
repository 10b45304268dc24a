//! `/v2/application-auth-strategies`.

use axum::response::NoContent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::administration::strategies::{self, KeyAuthConfig};
use crate::domain::auth_strategy::{AuthStrategy, Ttl};
use crate::domain::id::AuthStrategyId;
use crate::domain::service::KeyNames;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{
    Answer, Asked, Caller, Created, Named, One, Single, created, one,
};
use crate::http::body::Body;
use crate::http::paging::Listed;
use crate::http::problem::Problem;

/// A strategy on the wire.
#[derive(Debug, Serialize, JsonSchema)]
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
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StrategyType {
    KeyAuth,
}

/// What a strategy settles, under its kind's name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Configs {
    // Konnect writes the kind one way and its settings the other; both are taken for both.
    #[serde(rename = "key-auth", alias = "key_auth")]
    key_auth: KeyAuth,
}

/// What a key-auth strategy settles.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyAuth {
    key_names: KeyNames,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl: Option<Ttl>,
    /// Not Konnect's: applications made on our pages get their first key at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    default_credential: bool,
}

/// A strategy to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewStrategy {
    name: Line<255>,
    display_name: Option<Line<255>>,
    #[serde(rename = "strategy_type")]
    kind: StrategyType,
    configs: Configs,
}

/// What may be changed about a strategy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    name: Option<Line<255>>,
    display_name: Option<Line<255>>,
    configs: Option<Configs>,
}

/// Lists the strategies.
pub(super) async fn list(Caller(acting): Caller, asked: Asked) -> Answer<Listed<Strategy>> {
    let list = strategies::list(&acting, &asked.wanted).await?;
    Ok(asked.answer(list, shown))
}

/// Adds a strategy.
pub(super) async fn add(Caller(acting): Caller, Body(new): Body<NewStrategy>) -> Created<Strategy> {
    let StrategyType::KeyAuth = new.kind;
    let new = strategies::NewStrategy {
        name: new.name,
        display_name: new.display_name,
        key_auth: new.configs.into(),
    };
    Ok(created(single(strategies::add(&acting, new).await?)))
}

/// Shows a strategy.
pub(super) async fn lookup(
    Caller(acting): Caller,
    Named(id): Named<AuthStrategyId>,
) -> Single<Strategy> {
    Ok(single(strategies::lookup(&acting, id).await?))
}

/// Changes a strategy; keys that were issued keep their end.
pub(super) async fn change(
    Caller(acting): Caller,
    Named(id): Named<AuthStrategyId>,
    Body(changes): Body<Changes>,
) -> Single<Strategy> {
    let changes = strategies::StrategyChanges {
        name: changes.name,
        display_name: changes.display_name,
        key_auth: changes.configs.map(KeyAuthConfig::from),
    };
    Ok(single(strategies::change(&acting, id, changes).await?))
}

/// Removes a strategy that nothing uses.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named(id): Named<AuthStrategyId>,
) -> Result<NoContent, Problem> {
    strategies::remove(&acting, id).await?;
    Ok(NoContent)
}

// === impl Configs ===

impl From<Configs> for KeyAuthConfig {
    fn from(configs: Configs) -> Self {
        let KeyAuth {
            key_names,
            ttl,
            default_credential,
        } = configs.key_auth;
        Self {
            key_names,
            ttl,
            default_credential,
        }
    }
}

fn single(strategy: AuthStrategy) -> One<Strategy> {
    one(strategy.updated_at, shown(strategy))
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
                default_credential: strategy.default_credential,
            },
        },
        active: true,
        created_at: strategy.created_at,
        updated_at: strategy.updated_at,
    }
}
