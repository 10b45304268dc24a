//! The gateways' listener: `GET /gateway/v1/state`, `POST /gateway/v1/check` and
//! `POST /gateway/v1/usage`.

mod check;
mod format;
mod state;
mod usage;

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Extension, Router};
use keystile_protocol::header::X_KEYSTILE_REGISTRY;

use crate::http::bearer;
use crate::registry::Registry;

/// Returns the routes; every one needs a token with the scope `gateway`.
pub(super) fn routes(registry: &Arc<Registry>) -> Router<Arc<Registry>> {
    let pages = Arc::new(state::Pages::default());
    Router::new()
        .route("/gateway/v1/state", get(state::follow))
        .layer(Extension(pages))
        .route("/gateway/v1/check", post(check::check))
        .route("/gateway/v1/usage", post(usage::report))
        .route_layer(from_fn_with_state(
            Arc::clone(registry),
            bearer::for_gateways,
        ))
}

/// Marks every answer, refusals too, as the registry's own: gateways believe no others.
pub(super) fn mark_answers(router: Router, registry: &Registry) -> Router {
    let instance = HeaderValue::from_str(&registry.instance)
        .unwrap_or_else(|_| HeaderValue::from_static("registry"));
    router.layer(from_fn(move |request: Request, next: Next| {
        let instance = instance.clone();
        async move {
            let mut response = next.run(request).await;
            let name = HeaderName::from_static(X_KEYSTILE_REGISTRY);
            response.headers_mut().insert(name, instance);
            response
        }
    }))
}
