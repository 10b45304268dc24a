//! What every listener's cookies have in common.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use cookie::Cookie;
use keystile_protocol::key;
use url::{Host, Url};

use crate::domain::session::{SESSION_PREFIX, SessionSecret};

/// Returns the value of the cookie with a name, if there is exactly one.
///
/// Two of one name come from somebody who plants cookies from a neighbouring host; neither is
/// believed (RFC 6265, section 8.6).
pub(super) fn only(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .filter(|cookie| cookie.name() == name);
    let (Some(cookie), None) = (values.next(), values.next()) else {
        return None;
    };
    Some(cookie.value().to_owned())
}

/// Returns the secret in the cookie with a name, if it looks like one that was made here.
pub(super) fn secret(headers: &HeaderMap, name: &str) -> Option<SessionSecret> {
    only(headers, name)
        .filter(|value| key::is_well_formed(SESSION_PREFIX, value.as_bytes()))
        .map(SessionSecret::new)
}

/// Whether browsers return `Secure` cookies to an origin (W3C Secure Contexts, section 3.1).
pub(super) fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https"
        || match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_trustworthy() {
        for (url, expected) in [
            ("https://portal.example", true),
            ("http://localhost:8003", true),
            ("http://127.0.0.1:8003", true),
            ("http://[::1]:8003", true),
            ("http://portal.example", false),
            ("http://localhost.example", false),
        ] {
            assert_eq!(is_trustworthy(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
