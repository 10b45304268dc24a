//! `/api/v2/applications/auth-strategies`: the ways to authenticate a developer chooses among.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::domain::auth_strategy::AuthStrategy;
use crate::domain::id::AuthStrategyId;
use crate::domain::service::KeyNames;
use crate::domain::text::Line;
use crate::http::paging::{Listed, Paging};
use crate::http::portal::filter::Filters;
use crate::http::portal::signed_in::SignedIn;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::catalogue::strategy::{self, Strategies};
use crate::storage::{Connection, List, auth_strategy};

/// Konnect's name for the one kind there is.
pub(super) const KEY_AUTH: &str = "key_auth";

/// A strategy on the wire.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Answer {
    id: AuthStrategyId,
    name: Line<255>,
    credential_type: &'static str,
    key_names: KeyNames,
}

/// A strategy where its key names are not shown.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Brief {
    id: AuthStrategyId,
    name: Line<255>,
    credential_type: &'static str,
}

/// The strategies of some applications.
#[derive(Debug)]
pub(super) struct Shown(BTreeMap<AuthStrategyId, AuthStrategy>);

// === impl Shown ===

impl Shown {
    /// Returns a strategy as an application shows it.
    pub(super) fn full(&self, id: AuthStrategyId) -> Option<Answer> {
        self.0.get(&id).cloned().map(answer)
    }

    /// Returns a strategy where its key names are not shown.
    pub(super) fn brief(&self, id: AuthStrategyId) -> Option<Brief> {
        self.0.get(&id).map(|strategy| Brief {
            id: strategy.id,
            name: strategy.display_name.clone(),
            credential_type: KEY_AUTH,
        })
    }
}

/// Lists the strategies.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    _signed_in: SignedIn,
    (paging, filters): (Paging, Filters),
) -> Result<Json<Listed<Answer>>, Problem> {
    let name = filters.text("name");
    let wanted = Strategies {
        name: name.equals,
        name_contains: name.contains,
    };
    let list = match filters.equals("credential_type").as_deref() {
        None | Some(KEY_AUTH) => {
            let mut snapshot = registry.storage.read().await?;
            strategy::list(&mut snapshot, wanted, paging.range()).await?
        }
        Some(_) => List {
            items: Vec::new(),
            total: 0,
        },
    };
    Ok(Json(paging.answer(list, answer)))
}

/// Reads the strategies of some applications.
pub(super) async fn of(
    connection: &mut Connection,
    ids: BTreeSet<AuthStrategyId>,
) -> Result<Shown, Problem> {
    let mut shown = BTreeMap::new();
    for id in ids {
        if let Some(found) = auth_strategy::lookup(connection, id).await? {
            shown.insert(id, found);
        }
    }
    Ok(Shown(shown))
}

fn answer(strategy: AuthStrategy) -> Answer {
    Answer {
        id: strategy.id,
        name: strategy.display_name,
        credential_type: KEY_AUTH,
        key_names: strategy.key_names,
    }
}
