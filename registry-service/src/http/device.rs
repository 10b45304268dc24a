//! The cookie a browser is known by when it logs in again; it opens nothing.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use cookie::Cookie;
use cookie::time::Duration;
use keystile_protocol::key;

use crate::domain::client::{DEVICE_PREFIX, DeviceSecret};
use crate::http::cookies::{self, is_trustworthy};
use crate::http::cors;
use crate::registry::Settings;

/// How long a browser keeps it.
const LIFE: Duration = Duration::days(180);

/// Returns the secret a request carries.
pub(super) fn secret(headers: &HeaderMap, settings: &Settings) -> Option<DeviceSecret> {
    cookies::only(headers, name(settings))
        .filter(|value| key::is_well_formed(DEVICE_PREFIX, value.as_bytes()))
        .map(DeviceSecret::new)
}

/// Returns the header that hands it to a browser; the portal's API and pages share it.
pub(super) fn cookie(
    settings: &Settings,
    secret: &DeviceSecret,
) -> Option<(HeaderName, HeaderValue)> {
    let cookie = Cookie::build((name(settings), secret.reveal().to_owned()))
        .path("/")
        .http_only(true)
        .same_site(cors::same_site(&settings.front_end))
        .secure(is_trustworthy(&settings.public_url))
        .max_age(LIFE);
    let mut value = HeaderValue::try_from(cookie.to_string()).ok()?;
    value.set_sensitive(true);
    Some((SET_COOKIE, value))
}

/// `__Host-` keeps neighbouring hosts from planting it (RFC 6265bis, section 4.1.3.2).
fn name(settings: &Settings) -> &'static str {
    if is_trustworthy(&settings.public_url) {
        "__Host-keystile-portal-device"
    } else {
        "keystile-portal-device"
    }
}
