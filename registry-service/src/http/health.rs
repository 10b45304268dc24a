//! Whether the registry lives, and whether it can answer.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::http::problem::Problem;
use crate::registry::Registry;

/// Returns `/healthz` and `/readyz`.
pub(super) fn routes() -> Router<Arc<Registry>> {
    Router::new()
        .route("/healthz", get(|| async { StatusCode::NO_CONTENT }))
        .route("/readyz", get(is_ready))
}

/// Answers well if the database does.
async fn is_ready(State(registry): State<Arc<Registry>>) -> Result<StatusCode, Problem> {
    registry.storage.refresh_position().await?;
    Ok(StatusCode::NO_CONTENT)
}
