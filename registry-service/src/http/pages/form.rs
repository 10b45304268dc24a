//! A form as a browser sends it, from one of our pages and from nowhere else.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use url::form_urlencoded;

use crate::http::body;
use crate::http::origin;
use crate::http::pages::{PageError, Site, Visit};
use crate::http::problem::Problem;
use crate::registry::{Registry, Settings};

/// What carries the form token.
const TOKEN: &str = "form_token";

/// The fields of a form, which came from a page that this browser was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

// === impl Form ===

impl Form {
    /// Borrows what was typed into a field; a missing one is an empty one.
    pub fn text(&self, name: &str) -> &str {
        let mut pairs = self.0.iter();
        pairs
            .find(|(given, _)| given == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// Whether a box is ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Borrows every value of a field that may come more than once.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(given, _)| given == name);
        named.map(|(_, value)| value.as_str())
    }

    /// Borrows all fields, by name and value.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Parses what a browser sent, if it was shown the form on a page of ours.
    pub(super) fn of_page(
        visit: &Visit,
        headers: &HeaderMap,
        bytes: &[u8],
    ) -> Result<Self, Problem> {
        refuse_strangers(headers, visit.site(), visit.settings())?;
        let form = Self::parse(bytes);
        // Both are digests: how long the comparison takes tells nothing about the secret.
        if form.text(TOKEN) == visit.form_token() {
            return Ok(form);
        }
        Err(Problem::forbidden(
            "the form is out of date, or this browser keeps no cookies; reload the page it is on and \
             send it again",
        ))
    }

    fn parse(bytes: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(bytes);
        // Browsers end lines in CRLF (HTML, "normalize newlines" when a form is sent).
        let pairs = pairs.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n")));
        Self(pairs.collect())
    }
}

impl FromRequest<Arc<Registry>> for Form {
    type Rejection = PageError;

    async fn from_request(request: Request, registry: &Arc<Registry>) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let Ok(visit) = Visit::from_request_parts(&mut parts, registry).await;
        refuse_strangers(&parts.headers, visit.site(), &registry.settings)?;
        if !is_form(&parts.headers) {
            let problem = Problem::unsupported_media_type("the body must be a form of our pages");
            return Err(problem.into());
        }
        let headers = parts.headers.clone();
        let bytes = body::read(Request::from_parts(parts, body), registry).await?;
        Ok(Self::of_page(&visit, &headers, &bytes)?)
    }
}

/// Refuses what no page of ours sent: browsers name the origin of every form, and it is ours.
fn refuse_strangers(headers: &HeaderMap, site: Site, settings: &Settings) -> Result<(), Problem> {
    let own = site.url(settings);
    if headers.contains_key(ORIGIN) && origin::is_own(headers, own) {
        return Ok(());
    }
    let address = own.origin().ascii_serialization();
    Err(Problem::forbidden(format!(
        "the form was not sent from {address}, which is the address of these pages"
    )))
}

/// Whether a request says that its body is a form.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| {
        value
            .as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_it_was_typed() {
        let form = Form::parse(b"name=A+%26+B&note=one%0D%0Atwo&on=on&id=1&id=2");
        assert_eq!(form.text("name"), "A & B");
        assert_eq!(form.text("note"), "one\ntwo");
        assert!(form.is_ticked("on") && !form.is_ticked("off"));
        assert_eq!(form.all("id").collect::<Vec<_>>(), ["1", "2"]);
    }
}
