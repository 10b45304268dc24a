//! The gateways' listener: `GET /gateway/v1/state`, `POST /gateway/v1/check` and
//! `POST /gateway/v1/usage`.

mod check;
mod format;
mod state;
mod usage;

use std::sync::Arc;

use aide::axum::routing::{get_with, post_with};
use aide::transform::TransformOperation;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::{Extension, Json, Router};
use keystile_protocol::check::{CheckRequest, CheckResponse};
use keystile_protocol::header::X_KEYSTILE_REGISTRY;
use keystile_protocol::state::Page;
use keystile_protocol::usage::Report;
use schemars::JsonSchema;

use crate::http::bearer;
use crate::http::body::Body;
use crate::http::openapi::Routes;
use crate::http::problem::Problem;
use crate::registry::Registry;

/// Returns the routes; every one needs a token with the scope `gateway`.
pub(super) fn routes(registry: &Arc<Registry>) -> Routes {
    let pages = Arc::new(state::Pages::default());
    Routes::new()
        .api_route("/gateway/v1/state", get_with(state::follow, paged))
        .layer(Extension(pages))
        .api_route("/gateway/v1/check", post_with(check::check, checked))
        .api_route("/gateway/v1/usage", post_with(usage::report, counted))
        .route_layer(from_fn_with_state(
            Arc::clone(registry),
            bearer::for_gateways,
        ))
}

// What is sent and answered is JSON for people; gateways send and get the same as postcard.

fn paged(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    guarded(operation).response::<200, Json<Page>>()
}

fn checked(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    let operation = sent::<CheckRequest>(operation);
    operation.response::<200, Json<CheckResponse>>()
}

fn counted(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    let operation = sent::<Report>(operation);
    operation.response::<200, ()>()
}

/// Says what is sent, and how what cannot be read is refused.
fn sent<T: JsonSchema>(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    guarded(operation)
        .input::<Body<T>>()
        .response::<413, Problem>()
        .response::<415, Problem>()
}

/// Says how whoever has no token of a gateway is refused.
fn guarded(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .response::<401, Problem>()
        .response::<403, Problem>()
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
