//! Pages of other origins that may call the portal's API: those that are configured, with cookies.

use axum::Router;
use axum::http::header::{ACCEPT, CONTENT_TYPE, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method};
use cookie::SameSite;
use tower_http::cors::{AllowCredentials, AllowOrigin, CorsLayer};

use crate::registry::FrontEnd;

const METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

/// Where the portal's APIs are; pages are for their readers alone.
const APIS: &str = "/api/";

/// Lets the configured origins' pages read what the portal's APIs answer, refusals too; others hear
/// nothing of it.
pub(super) fn allow(portal: Router, front_end: &FrontEnd) -> Router {
    if front_end.cors_origins.is_empty() {
        return portal;
    }
    let (origins, credentials) = (front_end.clone(), front_end.clone());
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, head| {
            head.uri.path().starts_with(APIS) && is_allowed(&origins, origin)
        }))
        .allow_credentials(AllowCredentials::predicate(move |origin, head| {
            head.uri.path().starts_with(APIS) && is_allowed(&credentials, origin)
        }))
        .allow_methods(METHODS)
        .allow_headers([CONTENT_TYPE, ACCEPT]);
    portal.layer(layer)
}

/// Whether a request says that it comes from a page of a configured origin.
pub(super) fn is_from_allowed(headers: &HeaderMap, front_end: &FrontEnd) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) => is_allowed(front_end, origin),
        _ => false,
    }
}

/// Returns with whose requests browsers send the API's cookies: with our own pages' alone, unless
/// other origins are configured; what they may do is then held by their name in each request.
pub(super) fn same_site(front_end: &FrontEnd) -> SameSite {
    if front_end.cors_origins.is_empty() {
        SameSite::Strict
    } else {
        SameSite::None
    }
}

fn is_allowed(front_end: &FrontEnd, origin: &HeaderValue) -> bool {
    let mut origins = front_end.cors_origins.iter();
    origins.any(|allowed| origin == allowed.as_str())
}
