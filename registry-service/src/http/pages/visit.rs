//! One request of a browser: what it carries, and how it is answered. [`password`] is the way around
//! that leads through one.

mod password;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::header::{LOCATION, REFERER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{Html, IntoResponse as _, Response};
use keystile_protocol::key::KeyDigest;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::domain::session::{SESSION_PREFIX, SessionSecret};
use crate::http::cookies;
use crate::http::pages::kept::Kept;
use crate::http::pages::site::CookieKind;
use crate::http::pages::{Flash, PageResult, ReturnTo, Site, cookie, templates};
use crate::registry::{Registry, Settings};

/// One request of a browser to our pages. Who is behind it is for others to say, in [`Visit::name`]
/// and [`Visit::person`], which every page shows.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The registry.
    pub registry: Arc<Registry>,
    /// The site's name, as pages show it.
    pub name: String,
    /// Who is logged in, as pages show them.
    pub person: Option<String>,
    /// Whether people have accounts here: a public portal has none.
    pub has_accounts: bool,
    site: Site,
    place: ReturnTo,
    session: Option<SessionSecret>,
    secret: SessionSecret,
    is_first: bool,
    flash: Option<Flash>,
    kept: Option<Kept>,
}

/// A question before something is destroyed.
#[derive(Debug, Clone, Serialize)]
pub struct Confirmation {
    /// The question.
    pub title: String,
    /// What follows from a yes.
    pub consequences: Vec<String>,
    /// Where a yes is sent.
    pub action: String,
    /// What a yes says.
    pub button: &'static str,
    /// What a no says.
    pub keep: &'static str,
    /// Where a no leads.
    pub back: String,
}

/// What every template sees.
#[derive(Serialize)]
struct Context<'a, T> {
    frame: Frame<'a>,
    page: T,
}

/// What every page has around it.
#[derive(Serialize)]
struct Frame<'a> {
    layout: &'static str,
    name: &'a str,
    person: Option<&'a str>,
    has_accounts: bool,
    /// Otherwise administrators pass links on.
    sends_mail: bool,
    path: &'a str,
    token: String,
    flash: Option<&'a Flash>,
}

// === impl Visit ===

impl Visit {
    /// Reads what a request carries. Nothing of it is believed yet.
    pub(super) fn begin(
        registry: &Arc<Registry>,
        site: Site,
        (headers, uri): (&HeaderMap, &Uri),
    ) -> Self {
        let settings = &registry.settings;
        let secret = |kind| cookies::secret(headers, &site.cookie(kind, settings));
        let session = secret(CookieKind::Session);
        let known = session.clone().or_else(|| secret(CookieKind::Visit));
        let flash = cookies::only(headers, &site.cookie(CookieKind::Flash, settings));
        Self {
            registry: Arc::clone(registry),
            name: "Keystile".to_owned(),
            person: None,
            has_accounts: true,
            site,
            place: ReturnTo::parse(&uri.to_string()),
            is_first: known.is_none(),
            secret: known
                .unwrap_or_else(|| SessionSecret::new(registry.random.secret(SESSION_PREFIX))),
            session,
            flash: flash.as_deref().and_then(Flash::of_value),
            kept: None,
        }
    }

    /// Borrows the secret of the log-in the browser says it has.
    pub fn session(&self) -> Option<&SessionSecret> {
        self.session.as_ref()
    }

    /// Borrows the settings.
    pub fn settings(&self) -> &Settings {
        &self.registry.settings
    }

    /// Returns whose pages they are.
    pub(super) const fn site(&self) -> Site {
        self.site
    }

    /// Answers with a page.
    pub fn show(&self, template: &str, page: impl Serialize) -> PageResult {
        self.show_as(StatusCode::OK, template, page)
    }

    /// Answers with a page that says what is wrong with a form.
    pub fn refuse(&self, template: &str, page: impl Serialize) -> PageResult {
        self.show_as(StatusCode::UNPROCESSABLE_ENTITY, template, page)
    }

    /// Asks once more before something is destroyed.
    pub fn confirm(&self, confirmation: Confirmation) -> PageResult {
        self.show("confirm.html", confirmation)
    }

    /// Answers with a page and a status.
    pub fn show_as(&self, status: StatusCode, template: &str, page: impl Serialize) -> PageResult {
        let frame = self.frame();
        let html = match &self.kept {
            None => templates::render(template, Context { frame, page })?,
            Some(kept) => {
                let mut page = serde_json::to_value(page).unwrap_or_default();
                kept.fill(&mut page);
                templates::render(template, Context { frame, page })?
            }
        };
        let mut response = (status, Html(html)).into_response();
        let cookies = [
            self.is_first
                .then(|| self.cookie(CookieKind::Visit, self.secret.reveal()))
                .flatten(),
            self.flash
                .is_some()
                .then(|| self.forget(CookieKind::Flash))
                .flatten(),
        ];
        append(&mut response, cookies);
        Ok(response)
    }

    /// Leads on to a page of this site.
    pub fn go(&self, to: &str) -> Response {
        let location = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
        (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
    }

    /// Leads on to a page of this site, which shows a message.
    pub fn go_with(&self, to: &str, flash: &Flash) -> Response {
        let mut response = self.go(to);
        append(
            &mut response,
            [self.cookie(CookieKind::Flash, &flash.to_value())],
        );
        response
    }

    /// Hands a log-in to the browser; what it had before is worth nothing from here on.
    #[must_use]
    pub fn logging_in(&self, mut response: Response, session: &SessionSecret) -> Response {
        let cookies = [
            self.cookie(CookieKind::Session, session.reveal()),
            self.forget(CookieKind::Visit),
        ];
        append(&mut response, cookies);
        response
    }

    /// Makes the browser forget its log-in.
    #[must_use]
    pub fn logging_out(&self, mut response: Response) -> Response {
        let cookies = [CookieKind::Session, CookieKind::Visit].map(|kind| self.forget(kind));
        append(&mut response, cookies);
        response
    }

    /// Returns what the forms on our pages carry: only who was sent this browser's secret knows it.
    pub(super) fn form_token(&self) -> String {
        let mut hash = Sha256::new_with_prefix(b"keystile form token\0");
        hash.update(self.secret.reveal());
        KeyDigest::from_bytes(hash.finalize().into()).to_string()
    }

    fn frame(&self) -> Frame<'_> {
        Frame {
            layout: self.site.layout(),
            name: &self.name,
            person: self.person.as_deref(),
            has_accounts: self.has_accounts,
            sends_mail: self.settings().mail.is_some(),
            path: self.place.as_str(),
            token: self.form_token(),
            flash: self.flash.as_ref(),
        }
    }

    fn cookie(&self, kind: CookieKind, value: &str) -> Option<HeaderValue> {
        cookie::set(self.site, self.settings(), (kind, value.to_owned()))
    }

    fn forget(&self, kind: CookieKind) -> Option<HeaderValue> {
        cookie::forget(self.site, self.settings(), kind)
    }
}

impl FromRequestParts<Arc<Registry>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        registry: &Arc<Registry>,
    ) -> Result<Self, Infallible> {
        // Every listener with pages says whose they are; without that they are the less powerful.
        let site = Extension::<Site>::from_request_parts(parts, registry).await;
        let site = site.map_or(Site::Portal, |Extension(site)| site);
        let mut visit = Self::begin(registry, site, (&parts.headers, &parts.uri));
        if parts.method != Method::GET {
            visit.place = form_page(&parts.headers, site.url(&registry.settings));
        }
        Ok(visit)
    }
}

fn append<const N: usize>(response: &mut Response, cookies: [Option<HeaderValue>; N]) {
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Returns the page a form was on: that is where whoever has to log in first goes on.
fn form_page(headers: &HeaderMap, site: &Url) -> ReturnTo {
    let referer = headers.get(REFERER).and_then(|value| value.to_str().ok());
    referer
        .and_then(|url| ReturnTo::of_url(url, site))
        .unwrap_or_default()
}
