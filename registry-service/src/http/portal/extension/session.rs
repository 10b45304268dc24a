//! `/api/ext/v1/sessions`: the developer's log-ins, here and elsewhere.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::NoContent;
use schemars::JsonSchema;
use serde::Serialize;

use crate::accounts;
use crate::domain::id::LoginId;
use crate::domain::session::{Login, SessionKind};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::path::Named;
use crate::http::portal::signed_in::Developer;
use crate::http::problem::Problem;
use crate::registry::Registry;

/// The developer's log-ins.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Answer {
    data: Vec<Session>,
}

/// A log-in on the wire.
#[derive(Debug, Serialize, JsonSchema)]
struct Session {
    id: LoginId,
    /// `page` or `api`.
    r#type: &'static str,
    /// Whether it is the one that asks.
    current: bool,
    user_agent: Option<Line<255>>,
    created_at: Timestamp,
    last_used_at: Timestamp,
}

/// Lists the log-ins, the one used last first.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
) -> Result<Json<Answer>, Problem> {
    let logins = accounts::logins(&registry, signed_in).await?;
    let present = signed_in.login();
    let data = logins.into_iter().map(|login| session(login, present));
    Ok(Json(Answer {
        data: data.collect(),
    }))
}

/// Ends a log-in, the present one too.
pub(super) async fn end(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(id): Named<LoginId>,
) -> Result<NoContent, Problem> {
    accounts::end_login(&registry, signed_in, id).await?;
    Ok(NoContent)
}

/// Ends every log-in but the present one.
pub(super) async fn end_others(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
) -> Result<NoContent, Problem> {
    accounts::end_other_logins(&registry, signed_in).await?;
    Ok(NoContent)
}

fn session(login: Login, present: LoginId) -> Session {
    Session {
        current: login.id == present,
        id: login.id,
        r#type: match login.kind {
            SessionKind::Page => "page",
            SessionKind::Access | SessionKind::Refresh => "api",
        },
        user_agent: login.agent,
        created_at: login.began_at,
        last_used_at: login.used_at,
    }
}
