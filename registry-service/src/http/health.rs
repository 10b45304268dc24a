//! Whether the registry lives, whether it can answer, and how it is doing.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::http::problem::Problem;
use crate::metrics;
use crate::registry::Registry;

/// The format of `OpenMetrics`, which Prometheus reads.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Returns `/healthz`, `/readyz` and `/metrics`; none of them says anything of what is kept.
pub(super) fn routes() -> Router<Arc<Registry>> {
    Router::new()
        .route("/healthz", get(|| async { StatusCode::NO_CONTENT }))
        .route("/readyz", get(is_ready))
        .route("/metrics", get(figures))
}

/// Answers well if the database does, and the registry was not told to stop.
async fn is_ready(State(registry): State<Arc<Registry>>) -> Result<StatusCode, Problem> {
    if registry.drain.has_begun() {
        return Err(Problem::unavailable("the registry is stopping"));
    }
    registry.storage.refresh_position().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answers the figures.
async fn figures(State(registry): State<Arc<Registry>>) -> Response {
    let text = metrics::exposition(&registry).await;
    ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response()
}
