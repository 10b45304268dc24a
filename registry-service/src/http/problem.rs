//! Every refusal, as a problem (RFC 9457); the one place that knows status codes of errors.

mod self_service;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::Serialize;

use crate::accounts::AccountError;
use crate::administration::{AdministrationError, InvalidField};
use crate::domain::InvalidTransition;
use crate::domain::publication::RegistrationRefused;
use crate::domain::throttle::TooManyTries;
use crate::hashing::HashingError;
use crate::http::client;
use crate::http::request_id::RequestId;
use crate::refusals::Refusal;
use crate::registry::Registry;
use crate::storage::{InvalidQuery, StorageError};

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

/// A problem that was shown as a page: it is noted like any other, and its body is there already.
#[derive(Debug, Clone)]
pub(super) struct Shown(pub(super) Problem);

/// The answer's body, by the names of RFC 9457 and of Konnect's documents.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(super) struct Body<'a> {
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

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Duplicate => Self::conflict("something like this exists already"),
            StorageError::Referenced => {
                Self::conflict("it is in use, or names something that does not exist")
            }
            StorageError::Query(InvalidQuery { parameter, reason }) => {
                Self::invalid_query(parameter, reason)
            }
            StorageError::Busy(_) => {
                log_busy(&error);
                Self::unavailable("the registry is busy; try again")
            }
            StorageError::Unwritable(_) => {
                log_failure(&error);
                Self::unwritable()
            }
            StorageError::Corrupt { .. } | StorageError::Failed(_) => {
                log_failure(&error);
                Self::internal()
            }
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let detail = error.to_string();
        match error {
            AccountError::WrongPassword | AccountError::LoginOver => Self::unauthenticated(detail),
            // Front-ends say "pending approval" when a title has this word.
            AccountError::Disabled => Self::unauthenticated(detail).titled("Account disabled"),
            AccountError::UnknownLink | AccountError::UnknownLogin => Self::not_found(),
            AccountError::TooManyTries(refused) => Self::too_many_tries(refused),
            AccountError::LinkGone(_) => Self::gone(detail),
            AccountError::InvalidPassword(reason) => {
                Self::invalid_field("password", "invalid", reason)
            }
            AccountError::Hashing(HashingError::Busy) => Self::too_many_requests(),
            AccountError::Hashing(HashingError::Failed) => {
                tracing::error!(%error, "hashing failed");
                Self::internal()
            }
            AccountError::Storage(error) => error.into(),
        }
    }
}

impl From<AdministrationError> for Problem {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::Invalid(InvalidField {
                field,
                rule,
                reason,
            }) => Self::invalid_field(field, rule, reason),
            AdministrationError::Unknown => Self::not_found(),
            AdministrationError::NotPermitted { .. } | AdministrationError::PasswordNeeded => {
                Self::forbidden(error.to_string())
            }
            AdministrationError::Stale => Self::precondition_failed(error.to_string()),
            AdministrationError::Conflict(conflict) => Self::conflict(conflict.to_string()),
            AdministrationError::Transition(error) => error.into(),
            AdministrationError::Registration(refused) => refused.into(),
            AdministrationError::Storage(error) => error.into(),
        }
    }
}

impl From<InvalidTransition> for Problem {
    fn from(error: InvalidTransition) -> Self {
        Self::conflict(error.to_string())
    }
}

impl From<RegistrationRefused> for Problem {
    fn from(refused: RegistrationRefused) -> Self {
        match refused {
            RegistrationRefused::Unpublished => Self::not_found(),
            RegistrationRefused::NotEnabled => Self::forbidden(refused.to_string()),
            RegistrationRefused::OtherStrategy => {
                Self::invalid_field("product_version_id", "auth_strategy", refused)
            }
        }
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

/// Writes the body of a request's problem, if it has one.
pub(super) async fn render(
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

fn log_busy(error: &StorageError) {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "the database is busy"
    );
}

fn log_failure(error: &StorageError) {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "the database failed"
    );
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
