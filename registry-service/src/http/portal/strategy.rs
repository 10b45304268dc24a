//! `/api/v2/applications/auth-strategies`: the ways to authenticate a developer chooses among.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::auth_strategy::AuthStrategy;
use crate::domain::id::AuthStrategyId;
use crate::domain::service::KeyNames;
use crate::domain::text::Line;
use crate::http::paging::{LenientPaging, Listed};
use crate::http::portal::filter::Filters;
use crate::http::portal::signed_in::Developer;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::catalogue;
use crate::storage::List;
use crate::storage::catalogue::strategy::Strategies;

/// Konnect's name for the one kind there is.
pub(super) const KEY_AUTH: &str = "key_auth";

/// A strategy on the wire.
#[derive(Debug, Clone, Serialize, JsonSchema)]
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

/// Lists the strategies.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    (LenientPaging(paging), filters): (LenientPaging, Filters),
) -> Result<Json<Listed<Answer>>, Problem> {
    let name = filters.text("name");
    let wanted = Strategies {
        name: name.equals,
        name_contains: name.contains,
    };
    let list = match filters.equals("credential_type").as_deref() {
        None | Some(KEY_AUTH) => {
            catalogue::strategies(&registry, signed_in, (wanted, paging.range())).await?
        }
        // Konnect's other kinds: there are none of them here.
        Some("client_credentials" | "self_managed_client_credentials") => List {
            items: Vec::new(),
            total: 0,
        },
        Some(_) => {
            let reason = "must be one of Konnect's credential types";
            return Err(Problem::invalid_query("filter[credential_type]", reason));
        }
    };
    Ok(Json(paging.answer(list, answer)))
}

/// Returns a strategy as an application shows it.
pub(super) fn answer(strategy: AuthStrategy) -> Answer {
    Answer {
        id: strategy.id,
        name: strategy.display_name,
        credential_type: KEY_AUTH,
        key_names: strategy.key_names,
    }
}

/// Returns a strategy where its key names are not shown.
pub(super) fn brief(strategy: AuthStrategy) -> Brief {
    Brief {
        id: strategy.id,
        name: strategy.display_name,
        credential_type: KEY_AUTH,
    }
}
