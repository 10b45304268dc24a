//! The body of a problem, and its headers.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::client;
use crate::http::problem::{InvalidParameter, Problem};
use crate::http::request_id::RequestId;
use crate::refusals::Refusal;
use crate::registry::Registry;

/// A problem that was shown as a page: it is noted like any other, and its body is there already.
#[derive(Debug, Clone)]
pub(in crate::http) struct Shown(pub(in crate::http) Problem);

/// The answer's body, by the names of RFC 9457 and of Konnect's documents.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(in crate::http) struct Body<'a> {
    status: u16,
    title: &'a str,
    r#type: &'static str,
    detail: &'a str,
    /// Front-ends show it where there is one.
    message: &'a str,
    instance: &'a str,
    request_id: &'a str,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    invalid_parameters: &'a [InvalidParameter],
}

/// Writes the body of a request's problem, if it has one.
pub(in crate::http) async fn render(
    State(registry): State<Arc<Registry>>,
    Extension(id): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    let instance = request.uri().path().to_owned();
    let method = request.method().to_string();
    let source = client::address(request.extensions(), request.headers(), &registry.settings);
    let mut response = next.run(request).await;
    let note = |problem: &Problem| {
        log_refusal(problem);
        registry.refusals.note(Refusal {
            request_id: id.as_str().to_owned(),
            at: registry.clock.now(),
            method,
            path: instance.clone(),
            status: problem.status.as_u16(),
            detail: problem.detail.clone(),
            source: source.map(|address| address.to_string()),
        });
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        note(&problem);
        response = rendered(&problem, &instance, id.as_str());
    } else if let Some(Shown(problem)) = response.extensions_mut().remove() {
        note(&problem);
    }
    response
}

fn log_refusal(problem: &Problem) {
    tracing::debug!(status = problem.status.as_u16(), "refused");
}

fn rendered(problem: &Problem, instance: &str, request_id: &str) -> Response {
    let body = Body {
        status: problem.status.as_u16(),
        title: problem.title,
        r#type: "about:blank",
        detail: &problem.detail,
        message: &problem.detail,
        instance,
        request_id,
        invalid_parameters: &problem.invalid,
    };
    let mut response = (problem.status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match problem.status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
            headers.insert(RETRY_AFTER, HeaderValue::from(problem.retry_after_s));
        }
        _ => {}
    }
    response
}
