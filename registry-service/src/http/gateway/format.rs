//! How messages look on the wire: postcard for gateways, JSON for people.

use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use keystile_protocol::wire;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::http::body::{is_json, parse};
use crate::http::problem::Problem;

const JSON: &str = "application/json";

/// How a message looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Format {
    Postcard,
    Json,
}

// === impl Format ===

impl Format {
    /// Returns the format a request asks for; whoever does not say gets postcard. A gateway that knows
    /// another version only is refused, and told which one there is.
    pub(super) fn accepted(headers: &HeaderMap, media_type: &'static str) -> Result<Self, Problem> {
        let ranges: Vec<String> = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|range| range.split(';').next())
            .map(|range| range.trim().to_ascii_lowercase())
            .collect();
        let accepts = |ways: &[&str]| ranges.iter().any(|range| ways.contains(&range.as_str()));
        if accepts(&[JSON]) {
            Ok(Self::Json)
        } else if ranges.is_empty() || accepts(&[media_type, "application/*", "*/*"]) {
            Ok(Self::Postcard)
        } else {
            Err(Problem::not_acceptable(format!(
                "the answer is `{media_type}` or `{JSON}`"
            )))
        }
    }

    /// Returns the format of a request's body.
    pub(super) fn sent(headers: &HeaderMap, media_type: &str) -> Result<Self, Problem> {
        if is_json(headers) {
            return Ok(Self::Json);
        }
        if headers
            .get(CONTENT_TYPE)
            .is_some_and(|value| value == media_type)
        {
            return Ok(Self::Postcard);
        }
        Err(Problem::unsupported_media_type(format!(
            "the body must be `{media_type}` or `application/json`"
        )))
    }

    /// Parses a message.
    pub(super) fn decode<M: DeserializeOwned>(self, bytes: &[u8]) -> Result<M, Problem> {
        match self {
            Self::Json => parse(bytes),
            Self::Postcard => wire::decode(bytes)
                .map_err(|error| Problem::invalid_field("body", "postcard", error)),
        }
    }

    /// Returns a message's bytes.
    pub(super) fn encode<M: Serialize>(self, message: &M) -> Result<Vec<u8>, Problem> {
        let bytes = match self {
            Self::Json => serde_json::to_vec(message).ok(),
            Self::Postcard => wire::encode(message).ok(),
        };
        bytes.ok_or_else(Problem::internal)
    }

    /// Returns an answer of bytes in this format.
    pub(super) fn answer(self, bytes: axum::body::Bytes, media_type: &'static str) -> Response {
        let media_type = match self {
            Self::Json => JSON,
            Self::Postcard => media_type,
        };
        let headers = [(CONTENT_TYPE, HeaderValue::from_static(media_type))];
        (headers, bytes).into_response()
    }
}
