//! Request bodies: JSON, read strictly, refusals naming the field.

mod repeats;

use axum::body::{Bytes, HttpBody as _};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::http::body::repeats::Unrepeated;
use crate::http::problem::Problem;

pub use crate::domain::wish::Wish;

/// A body of JSON, parsed.
#[derive(Debug)]
pub struct Body<T>(pub T);

// === impl Body ===

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            if is_nothing(&request) {
                return Err(Problem::invalid_field("body", "required", "is required"));
            }
            return Err(Problem::unsupported_media_type(
                "the body must be `application/json`, in UTF-8",
            ));
        }
        let bytes = read(request, state).await?;
        parse(&bytes).map(Self)
    }
}

/// Whether a request has no body and says nothing of one.
fn is_nothing(request: &Request) -> bool {
    !request.headers().contains_key(CONTENT_TYPE) && request.body().is_end_stream()
}

/// Whether a request says that its body is JSON, and nothing else than UTF-8, which JSON is (RFC 8259,
/// section 8.1).
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE);
    let Some(value) = value.and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    media_type.eq_ignore_ascii_case("application/json") && parts.all(is_no_other_charset)
}

fn is_no_other_charset(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
}

/// Reads a body of at most the listener's limit.
pub(super) async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection: BytesRejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::too_large()
            } else {
                Problem::invalid_field("body", "readable", "could not be read")
            }
        })
}

/// Parses JSON; a refusal names the field and the rule.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // A derived struct can also be read from a list of its members.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(Problem::invalid_field("body", "type", "must be an object"));
    }
    let Unrepeated = parse_as(bytes)?;
    parse_as(bytes)
}

fn parse_as<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        refused(&path, &error.into_inner())
    })?;
    deserializer
        .end()
        .map_err(|_| Problem::invalid_field("body", "json", "must end with the object"))?;
    Ok(parsed)
}

/// Reads a value that was put together of JSON; a refusal names the field and the rule.
pub(super) fn from_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        refused(&path, &error.into_inner())
    })
}

fn refused(path: &str, error: &serde_json::Error) -> Problem {
    if error.is_syntax() || error.is_eof() {
        return Problem::invalid_field("body", "json", "must be valid JSON");
    }
    let text = error.to_string();
    // The position says nothing to whoever sent an object.
    let text = text.split(" at line ").next().unwrap_or_default();
    let named = text.split('`').nth(1).unwrap_or_default();
    if text.starts_with("missing field") {
        return Problem::invalid_field(beneath(path, named), "required", "is required");
    }
    if text.starts_with("unknown field") {
        return Problem::invalid_field(path_or(path, named), "unknown_property", "is not known");
    }
    if text.starts_with("duplicate field") {
        return Problem::invalid_field(beneath(path, named), "unique", "is given twice");
    }
    Problem::invalid_field(path_or(path, "body"), "type", text)
}

fn beneath(path: &str, name: &str) -> String {
    if path == "." {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn path_or(path: &str, name: &str) -> String {
    if path == "." { name } else { path }.to_owned()
}
