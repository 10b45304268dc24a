//! The cookies of our pages, as headers.

use axum::http::HeaderValue;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use crate::http::pages::site::{CookieKind, Site};
use crate::registry::Settings;

/// Returns the header that sets a cookie until the browser ends, or its session here does.
pub(super) fn set(
    site: Site,
    settings: &Settings,
    (kind, value): (CookieKind, String),
) -> Option<HeaderValue> {
    header(
        site,
        settings,
        Cookie::new(site.cookie(kind, settings), value),
    )
}

/// Returns the header that makes a browser forget a cookie.
pub(super) fn forget(site: Site, settings: &Settings, kind: CookieKind) -> Option<HeaderValue> {
    let mut cookie = Cookie::new(site.cookie(kind, settings), "");
    cookie.set_max_age(Duration::ZERO);
    header(site, settings, cookie)
}

fn header(site: Site, settings: &Settings, mut cookie: Cookie<'_>) -> Option<HeaderValue> {
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_secure(site.is_trustworthy(settings));
    // Lax: whoever follows a link from a mail is still logged in. Writes need a form token and our
    // own origin as well.
    cookie.set_same_site(SameSite::Lax);
    let mut value = HeaderValue::try_from(cookie.to_string()).ok()?;
    value.set_sensitive(true);
    Some(value)
}
