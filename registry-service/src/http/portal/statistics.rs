//! `/api/v2/stats`: usage is not collected, and both answers say so.

use axum::Json;
use serde::Serialize;

use crate::http::portal::signed_in::Developer;
use crate::http::problem::Problem;

/// Whether usage is collected.
#[derive(Debug, Serialize)]
pub(super) struct Config {
    /// How it is collected; null if it is not.
    analytics: Option<()>,
}

/// Answers that usage is not collected; front-ends do not ask for it then.
pub(super) async fn config(_: Developer) -> Json<Config> {
    Json(Config { analytics: None })
}

/// Refuses to make up figures.
pub(super) async fn query(_: Developer) -> Problem {
    Problem::forbidden("usage is not collected")
}
