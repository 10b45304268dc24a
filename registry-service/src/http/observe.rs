//! What is seen of every request: its name, its span in the log, its place in the figures.
//!
//! Routes are named by their patterns and never by their paths, and no query, header or body is written
//! anywhere: they may hold a key.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument as _, Span};

use crate::http::client;
use crate::http::request_id::{RequestId, X_REQUEST_ID};
use crate::http::serve::limits::Audience;
use crate::metrics::{Answered, Route};
use crate::registry::Registry;
use crate::storage::Origin;

/// What a request that matches no route is counted as.
const NO_ROUTE: &str = "none";

/// Where a trace begins (W3C Trace Context, section 3.2).
const TRACEPARENT: &str = "traceparent";

/// A request, as far as anybody sees.
#[derive(Debug)]
struct Seen {
    audience: Audience,
    id: RequestId,
    route: String,
    method: &'static str,
    source: Option<IpAddr>,
    trace: Option<Trace>,
}

/// The trace a request belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Trace {
    id: String,
    parent: String,
}

/// Names a request, and tells of it in the log and in the figures.
pub(super) async fn observe(
    State((registry, audience)): State<(Arc<Registry>, Audience)>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let seen = Seen::of(&request, &registry, audience);
    request.extensions_mut().insert(seen.id.clone());
    let origin = Origin {
        request_id: Some(seen.id.as_str().to_owned()),
        source: seen.source,
    };
    let span = seen.span();
    let answering = origin.of(next.run(request)).instrument(span.clone());
    let mut response = answering.await;
    span.in_scope(|| seen.tell(&registry, response.status(), began.elapsed()));
    if let Ok(value) = HeaderValue::from_str(seen.id.as_str()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

// === impl Seen ===

impl Seen {
    fn of(request: &Request, registry: &Registry, audience: Audience) -> Self {
        let (extensions, headers) = (request.extensions(), request.headers());
        let route = extensions.get::<MatchedPath>();
        Self {
            audience,
            id: RequestId::of(headers, || registry.random.uuid()),
            route: route.map_or(NO_ROUTE, MatchedPath::as_str).to_owned(),
            method: known(request.method()),
            source: client::address(extensions, headers, &registry.settings),
            trace: Trace::of(headers),
        }
    }

    fn span(&self) -> Span {
        tracing::info_span!(
            "http.request",
            request.id = self.id.as_str(),
            operation = self.operation(),
            source = self.source.map(tracing::field::display),
            trace.id = self.trace.as_ref().map(|trace| trace.id.as_str()),
            trace.parent = self.trace.as_ref().map(|trace| trace.parent.as_str()),
        )
    }

    /// Returns `http.<area>.<resource>.<verb>`: the resource is the last part of the route that is one.
    fn operation(&self) -> String {
        let mut parts = self.route.rsplit('/');
        let resource = parts.find(|part| !part.is_empty() && !part.starts_with('{'));
        let verb = self.method.to_ascii_lowercase();
        format!(
            "http.{}.{}.{verb}",
            self.audience.name(),
            resource.unwrap_or("root")
        )
    }

    fn tell(&self, registry: &Registry, status: StatusCode, took: Duration) {
        // Gateways ask all the time, and probes do.
        let is_usual = self.audience == Audience::Gateways || self.route.ends_with('z');
        if is_usual && !status.is_server_error() {
            self.tell_whoever_asks(status, took);
        } else {
            self.tell_all(status, took);
        }
        self.count(registry, status, took);
    }

    fn tell_all(&self, status: StatusCode, took: Duration) {
        let (status, duration_ms) = (status.as_u16(), milliseconds(took));
        tracing::info!(route = self.route, status, duration_ms, "answered");
    }

    fn tell_whoever_asks(&self, status: StatusCode, took: Duration) {
        let (status, duration_ms) = (status.as_u16(), milliseconds(took));
        tracing::debug!(route = self.route, status, duration_ms, "answered");
    }

    fn count(&self, registry: &Registry, status: StatusCode, took: Duration) {
        let listener = self.audience.name();
        let route = Route {
            listener,
            route: self.route.clone(),
        };
        let answered = Answered {
            listener,
            route: self.route.clone(),
            method: self.method,
            status: status.as_u16(),
        };
        let metrics = &registry.metrics;
        metrics.requests.get_or_create(&answered).inc();
        let durations = metrics.durations.get_or_create(&route);
        durations.observe(took.as_secs_f64());
    }
}

// === impl Trace ===

impl Trace {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(TRACEPARENT)?.to_str().ok()?;
        let mut parts = text.split('-');
        let (version, id, parent) = (parts.next()?, parts.next()?, parts.next()?);
        let is_known = is_hex(version, 2) && version != "ff";
        let is_trace = is_hex(id, 32) && is_hex(parent, 16);
        let is_something = |text: &str| text.bytes().any(|digit| digit != b'0');
        let is_valid = is_known && is_trace && is_something(id) && is_something(parent);
        is_valid.then(|| Self {
            id: id.to_owned(),
            parent: parent.to_owned(),
        })
    }
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length
        && text
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// Returns a method by its name; a client could make up any number of others.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(text: &'static str) -> Option<Trace> {
        let headers = [(TRACEPARENT.parse().unwrap(), HeaderValue::from_static(text))];
        Trace::of(&headers.into_iter().collect())
    }

    #[test]
    fn a_trace_is_known_by_its_header() {
        let found = trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
        assert_eq!(found.id, "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(found.parent, "b7ad6b7169203331");
    }

    #[test]
    fn what_is_no_trace_is_none() {
        for text in [
            "",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c",
        ] {
            assert_eq!(trace(text), None, "{text}");
        }
    }

    #[test]
    fn an_operation_is_named_by_the_last_thing_on_its_route() {
        for (route, expected) in [
            ("/v2/api-products/{product}", "http.admin.api-products.get"),
            ("/", "http.admin.root.get"),
            (NO_ROUTE, "http.admin.none.get"),
        ] {
            let seen = Seen {
                audience: Audience::Admin,
                id: RequestId::of(&HeaderMap::new(), uuid::Uuid::nil),
                route: route.to_owned(),
                method: "GET",
                source: None,
                trace: None,
            };
            assert_eq!(seen.operation(), expected);
        }
    }
}
