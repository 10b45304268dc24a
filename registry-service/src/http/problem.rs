//! Every refusal, as a problem (RFC 9457); the one place that knows status codes of errors.

mod accounts;
mod administration;
mod answer;
mod self_service;
mod storage;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::throttle::TooManyTries;

pub(super) use answer::{Body, Shown, render};

/// Those of Konnect's `InvalidRules` that are used here; the document allows no others.
const KONNECTS_RULES: [&str; 4] = ["required", "is_boolean", "is_uuid", "unknown_property"];

/// Why a request is refused.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
    invalid: Vec<InvalidParameter>,
    /// After how many seconds to try again, where that makes sense.
    retry_after_s: i64,
}

/// Which part of a request is refused, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InvalidParameter {
    /// The field, as a path from the top of the body, or the query parameter.
    pub field: String,
    /// The rule's name.
    pub rule: &'static str,
    /// The rule in words.
    pub reason: String,
    /// `body`, `query` or `path`.
    pub source: &'static str,
}

// === impl Problem ===

impl Problem {
    /// Nobody showed who they are, or not convincingly.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", detail)
    }

    /// They may not.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", detail)
    }

    /// There is no such thing, or none they may know of.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Not Found",
            "there is nothing with this name here",
        )
    }

    /// Something is in the way.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "Conflict", detail)
    }

    /// It has changed since it was read (RFC 9110, section 15.5.13).
    pub fn precondition_failed(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "Precondition Failed",
            detail,
        )
    }

    /// What was there has run out.
    pub fn gone(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, "Gone", detail)
    }

    /// Too many ask for the same; later it may succeed.
    pub fn too_many_requests() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Too Many Requests",
            "too many requests of this kind; try again",
        )
    }

    /// There were too many tries; when another is allowed is known.
    pub fn too_many_tries(refused: TooManyTries) -> Self {
        Self {
            detail: refused.to_string(),
            retry_after_s: refused.retry_after_s(),
            ..Self::too_many_requests()
        }
    }

    /// The answer would be of a kind the client does not read.
    pub fn not_acceptable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "Not Acceptable", detail)
    }

    /// It is understood, and cannot be done.
    pub fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Unprocessable Content",
            detail,
        )
    }

    /// The body is of a kind nobody here reads.
    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Unsupported Media Type",
            detail,
        )
    }

    /// The body is too large.
    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Payload Too Large",
            "the body is too large",
        )
    }

    /// A part of the request breaks a rule.
    pub fn invalid(parameter: InvalidParameter) -> Self {
        let detail = format!("`{}` {}", parameter.field, parameter.reason);
        Self {
            invalid: vec![parameter],
            ..Self::new(StatusCode::BAD_REQUEST, "Bad Request", detail)
        }
    }

    /// A field of the body breaks a rule.
    pub fn invalid_field(
        field: impl Into<String>,
        rule: &'static str,
        reason: impl std::fmt::Display,
    ) -> Self {
        Self::invalid(InvalidParameter {
            field: field.into(),
            rule,
            reason: reason.to_string(),
            source: "body",
        })
    }

    /// A parameter of the query or the path breaks a rule.
    pub fn invalid_query(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::invalid(InvalidParameter {
            field: field.into(),
            rule: "invalid",
            reason: reason.into(),
            source: "query",
        })
    }

    /// Replaces the title; front-ends react to some.
    #[must_use]
    pub fn titled(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    /// Keeps to the rules Konnect's document knows by name; others are no more than `invalid` there.
    pub(super) fn keep_to_konnects_rules(&mut self) {
        for parameter in &mut self.invalid {
            if !KONNECTS_RULES.contains(&parameter.rule) {
                parameter.rule = "invalid";
            }
        }
    }

    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Borrows what is said about it.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Borrows which parts of the request are refused.
    pub fn invalid_parameters(&self) -> &[InvalidParameter] {
        &self.invalid
    }

    fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            title,
            detail: detail.into(),
            invalid: Vec::new(),
            retry_after_s: 1,
        }
    }

    /// It cannot be answered now; later it may.
    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Service Unavailable",
            detail,
        )
    }

    /// The body did not come in time.
    pub(super) fn too_slow() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "Request Timeout",
            "the body did not come in time",
        )
    }

    fn unwritable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Service Unavailable",
            "the registry cannot write to its database; try again when there is room",
        )
    }

    /// The registry failed.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal Server Error",
            "the registry failed; its log says more under the request id",
        )
    }
}

/// [`render`] writes the body, which needs to know the request.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Answers requests for paths nobody serves.
pub(super) async fn no_such_path() -> Problem {
    Problem::not_found()
}

/// Answers requests with methods a path does not have.
pub(super) async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "Method Not Allowed",
        "the path does not have this method",
    )
}
