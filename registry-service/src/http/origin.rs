//! Writes that another site makes a browser send are refused, whatever cookies come with them.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderName, Method};
use axum::middleware::Next;
use axum::response::Response;
use url::{Origin, Url};

use crate::http::cors;
use crate::http::problem::Problem;
use crate::registry::Registry;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets reads in, and writes that no other site sent, unless it is a configured one. Clients that are
/// no browsers send no origin.
pub(in crate::http) async fn own_only(
    State(registry): State<Arc<Registry>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let is_read = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let headers = request.headers();
    if is_read
        || is_own(headers, &registry.settings.public_url)
        || cors::is_from_allowed(headers, &registry.settings.front_end)
    {
        Ok(next.run(request).await)
    } else {
        Err(Problem::forbidden(
            "the request comes from another site than the portal's own",
        ))
    }
}

/// Whether nothing says that a request comes from elsewhere: `null`, which hides where it comes
/// from, does (RFC 6454, section 7.1; Fetch Metadata, section 2.3).
pub(in crate::http) fn is_own(headers: &HeaderMap, public_url: &Url) -> bool {
    let own = public_url.origin();
    let is_own_origin = headers.get_all(ORIGIN).iter().all(|value| {
        value
            .to_str()
            .ok()
            .and_then(|text| Url::parse(text).ok())
            .is_some_and(|url| is_same(&url.origin(), &own))
    });
    let is_cross_site = headers
        .get_all(SEC_FETCH_SITE)
        .iter()
        .any(|value| value == "cross-site");
    is_own_origin && !is_cross_site
}

/// Opaque origins equal nothing, not even themselves.
fn is_same(one: &Origin, other: &Origin) -> bool {
    one.is_tuple() && one == other
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn judged(name: HeaderName, value: &'static str) -> bool {
        let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
        is_own(&headers, &Url::parse("https://portal.example/").unwrap())
    }

    #[test]
    fn only_the_portals_own_origin_may_write() {
        for (origin, expected) in [
            ("https://portal.example", true),
            ("https://portal.example:443", true),
            ("http://portal.example", false),
            ("https://portal.example:8443", false),
            ("https://portal.example.evil", false),
            ("https://api.portal.example", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(judged(ORIGIN, origin), expected, "{origin}");
        }
    }

    #[test]
    fn a_browser_that_says_cross_site_is_believed() {
        for (site, expected) in [("cross-site", false), ("same-origin", true), ("none", true)] {
            assert_eq!(judged(SEC_FETCH_SITE, site), expected, "{site}");
        }
    }

    #[test]
    fn a_client_that_is_no_browser_says_nothing() {
        let own = Url::parse("https://portal.example/").unwrap();
        assert!(is_own(&HeaderMap::new(), &own));
    }
}
