//! What every handler of the admin API begins with: who asks, for which part of a list, and for which
//! state of a thing.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::header::{CACHE_CONTROL, ETAG, HeaderName, IF_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::administration::Acting;
use crate::domain::access::Administrator;
use crate::domain::expectation::Expectation;
use crate::domain::timestamp::Timestamp;
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::{Condition, Direction, List, Operator, Wanted};

pub(super) use crate::http::path::Named;

const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

/// What a handler answers.
pub(super) type Answer<T> = Result<Json<T>, Problem>;

/// What a handler answers about one thing.
pub(super) type Single<T> = Result<One<T>, Problem>;

/// What a handler answers that made something.
pub(in crate::http) type Created<T> = Result<Made<T>, Problem>;

/// One thing, whose state has a tag (RFC 9110, section 8.8.3).
pub(in crate::http) struct One<T> {
    updated_at: Timestamp,
    body: T,
}

/// Something that was made.
pub(in crate::http) struct Made<T> {
    updated_at: Option<Timestamp>,
    body: T,
}

/// The administrator who asks, at work.
pub(in crate::http) struct Caller(pub(super) Acting);

/// Which part of a list is wanted: `filter[..]`, `sort` and `page[..]`.
pub(in crate::http) struct Asked {
    pub(super) wanted: Wanted,
    paging: Paging,
}

// === impl Made ===

impl<T> Made<T> {
    /// Answers something that has no state that could be asked for.
    pub(in crate::http) fn plain(body: T) -> Self {
        Self {
            updated_at: None,
            body,
        }
    }
}

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        // It may hold a secret that is shown this once.
        let mut response = (StatusCode::CREATED, NO_STORE, Json(self.body)).into_response();
        if let Some(updated_at) = self.updated_at {
            response.headers_mut().insert(ETAG, tag(updated_at));
        }
        response
    }
}

// === impl Caller ===

impl FromRequestParts<Arc<Registry>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        registry: &Arc<Registry>,
    ) -> Result<Self, Problem> {
        let by = parts.extensions.get::<Administrator>().cloned();
        // No layer let the request in: nobody may call.
        let by = by.ok_or_else(|| Problem::unauthenticated("this needs an access token"))?;
        let acting = Acting::new(Arc::clone(registry), by);
        Ok(Self(acting.expecting(expectation(&parts.headers))))
    }
}

// === impl One ===

impl<T: Serialize> IntoResponse for One<T> {
    fn into_response(self) -> Response {
        ([(ETAG, tag(self.updated_at))], Json(self.body)).into_response()
    }
}

// === impl Asked ===

impl Asked {
    /// Returns the page of the list that was read for it.
    pub(super) fn answer<T, U>(self, list: List<T>, item: impl FnMut(T) -> U) -> Json<Listed<U>> {
        Json(self.paging.answer(list, item))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let paging = Paging::from_request_parts(parts, state).await?;
        let pairs: Result<Query<Vec<(String, String)>>, _> =
            Query::from_request_parts(parts, state).await;
        let Ok(Query(pairs)) = pairs else {
            return Err(Problem::invalid_query("filter", "cannot be read"));
        };
        let mut wanted = Wanted::all(paging.range());
        for (name, value) in pairs {
            if let Some(condition) = name.strip_prefix("filter[") {
                wanted
                    .conditions
                    .push(condition_of(&name, condition, value)?);
            } else if name == "sort" {
                wanted = sorted(wanted, &value)?;
            }
        }
        Ok(Self { wanted, paging })
    }
}

/// Reads `status]` and `name][contains]`, what follows `filter[`; no operator means `eq`.
fn condition_of(parameter: &str, rest: &str, value: String) -> Result<Condition, Problem> {
    let refused = |reason: &str| Problem::invalid_query(parameter, reason);
    let rest = rest
        .strip_suffix(']')
        .ok_or_else(|| refused("must be `filter[field]` or `filter[field][operator]`"))?;
    let (field, operator) = rest.split_once("][").unwrap_or((rest, "eq"));
    let operator: Operator = operator
        .parse()
        .map_err(|_| refused("must have one of eq, neq, oeq, contains, lt, lte, gt and gte"))?;
    if value.contains('\0') {
        // PostgreSQL cannot compare with it.
        return Err(refused("must not contain NUL"));
    }
    Ok(Condition {
        field: field.to_owned(),
        operator,
        value,
    })
}

/// Reads `name`, `name desc` or several of those, separated by commas.
fn sorted(mut wanted: Wanted, text: &str) -> Result<Wanted, Problem> {
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (field, direction) = part.split_once(' ').unwrap_or((part, "asc"));
        let direction: Direction = direction
            .trim()
            .parse()
            .map_err(|_| Problem::invalid_query("sort", "must end with asc or desc"))?;
        wanted = wanted.ordered(field, direction);
    }
    Ok(wanted)
}

/// Reads `If-Match`. What is no tag of ours is met by nothing.
fn expectation(headers: &HeaderMap) -> Expectation {
    let mut values = headers.get_all(IF_MATCH).iter().peekable();
    if values.peek().is_none() {
        return Expectation::Any;
    }
    let values: Vec<&str> = values
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .collect();
    if values.contains(&"*") {
        return Expectation::Any;
    }
    let tagged = |text: &str| {
        let text = text.strip_prefix('"')?.strip_suffix('"')?;
        text.parse().ok().map(Timestamp)
    };
    Expectation::ChangedAt(values.into_iter().filter_map(tagged).collect())
}

/// Answers one thing.
pub(super) fn one<T>(updated_at: Timestamp, body: T) -> One<T> {
    One { updated_at, body }
}

/// Answers something that was made.
pub(super) fn created<T>(one: One<T>) -> Made<T> {
    Made {
        updated_at: Some(one.updated_at),
        body: one.body,
    }
}

fn tag(updated_at: Timestamp) -> HeaderValue {
    // Digits between quotes can always be sent.
    HeaderValue::from_str(&format!("\"{}\"", updated_at.0))
        .unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}
