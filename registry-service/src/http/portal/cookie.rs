//! The two cookies of a log-in, with Konnect's names.
//!
//! Browsers send cookies to every port of a host, so no other listener may use these names.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::AppendHeaders;
use cookie::Cookie;
use cookie::time::Duration;

use crate::accounts::Granted;
use crate::domain::session::{Session, SessionKind, SessionSecret};
use crate::domain::timestamp::Timestamp;
use crate::http::cookies::{self, is_trustworthy};
use crate::http::cors;
use crate::http::device;
use crate::registry::Registry;

/// Where the portal's APIs are: nothing else needs to see the access cookie.
const ACCESS_PATH: &str = "/api";

/// The one path that is sent the refresh cookie.
const REFRESH_PATH: &str = "/api/v2/developer/refresh";

/// Headers that set cookies.
pub(super) type SetCookies = AppendHeaders<Vec<(HeaderName, HeaderValue)>>;

/// Returns the session secret a request carries, if there is exactly one of its kind.
pub(super) fn secret(headers: &HeaderMap, kind: SessionKind) -> Option<SessionSecret> {
    cookies::secret(headers, name(kind))
}

/// Returns the headers that hand sessions to a browser.
pub(super) fn granting(registry: &Registry, granted: &Granted) -> SetCookies {
    let now = registry.clock.now();
    let (secret, session) = &granted.access;
    let mut headers = vec![carry(
        registry,
        secret,
        lifetime(session, now),
        session.kind,
    )];
    if let Some((secret, session)) = &granted.refresh {
        headers.push(carry(
            registry,
            secret,
            lifetime(session, now),
            session.kind,
        ));
    }
    if let Some(secret) = &granted.device {
        headers.push(device::cookie(&registry.settings, secret));
    }
    AppendHeaders(headers.into_iter().flatten().collect())
}

/// Returns the headers that make a browser forget its sessions.
pub(super) fn forgetting(registry: &Registry) -> SetCookies {
    let nothing = SessionSecret::new("");
    let headers = [SessionKind::Access, SessionKind::Refresh]
        .map(|kind| carry(registry, &nothing, Duration::ZERO, kind));
    AppendHeaders(headers.into_iter().flatten().collect())
}

fn carry(
    registry: &Registry,
    secret: &SessionSecret,
    lifetime: Duration,
    kind: SessionKind,
) -> Option<(HeaderName, HeaderValue)> {
    let path = match kind {
        SessionKind::Refresh => REFRESH_PATH,
        _ => ACCESS_PATH,
    };
    // These are for a page's own calls, never for following a link here.
    let cookie = Cookie::build((name(kind), secret.reveal().to_owned()))
        .path(path)
        .http_only(true)
        .same_site(cors::same_site(&registry.settings.front_end))
        .secure(is_trustworthy(&registry.settings.public_url))
        .max_age(lifetime);
    let mut value = HeaderValue::try_from(cookie.to_string()).ok()?;
    value.set_sensitive(true);
    Some((SET_COOKIE, value))
}

const fn name(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Access => "portalaccesstoken",
        SessionKind::Refresh => "portalrefreshtoken",
        // Never asked for: the pages have cookies of their own.
        SessionKind::Page => "",
    }
}

fn lifetime(session: &Session, now: Timestamp) -> Duration {
    Duration::seconds((session.expires_at.0 - now.0) / 1000)
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;
    use keystile_protocol::key;

    use super::*;
    use crate::domain::session::SESSION_PREFIX;

    const SECRET: &str = "kss_0123456789ABCDEFGHIJKLMNOPQRSTUV";

    fn headers(lines: &[String]) -> HeaderMap {
        lines
            .iter()
            .map(|line| (COOKIE, HeaderValue::try_from(line.as_str()).unwrap()))
            .collect()
    }

    #[test]
    fn a_secret_is_found_among_other_cookies() {
        let secret_text = key::compose(SESSION_PREFIX, &SECRET[4..]);
        let line = format!("theme=dark; portalaccesstoken={secret_text}; a=b");
        let found = secret(&headers(&[line]), SessionKind::Access).unwrap();
        assert_eq!(found.reveal(), secret_text);
    }

    #[test]
    fn neither_of_two_cookies_of_one_name_is_believed() {
        let line = format!(
            "portalaccesstoken={}",
            key::compose(SESSION_PREFIX, &SECRET[4..])
        );
        let twice = [format!("{line}; {line}")];
        assert_eq!(secret(&headers(&twice), SessionKind::Access), None);
        let apart = [line.clone(), line];
        assert_eq!(secret(&headers(&apart), SessionKind::Access), None);
    }

    #[test]
    fn what_was_never_issued_here_is_no_secret() {
        for value in ["", "x", SECRET] {
            let line = format!("portalaccesstoken={value}");
            assert_eq!(
                secret(&headers(&[line]), SessionKind::Access),
                None,
                "{value}"
            );
        }
    }
}
