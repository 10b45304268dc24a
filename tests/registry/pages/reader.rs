//! Somebody who reads pages: links are followed, forms are filled in, cookies are kept.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use keystile_registry::http;
use scraper::{Html, Selector};
use tower::ServiceExt as _;

use crate::desk::Desk;

/// Where the portal's pages are.
pub(crate) const SITE: &str = "http://localhost:8003";

/// A browser without a script.
pub(crate) struct Reader {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The origin that forms are sent with.
    pub(crate) origin: Option<&'static str>,
}

/// A page as it was read.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Where the redirects ended.
    pub(crate) path: String,
    pub(crate) html: String,
}

// === impl Reader ===

impl Reader {
    pub(crate) fn new(desk: &Desk) -> Self {
        Self {
            router: http::portal_router(&desk.registry),
            cookies: BTreeMap::new(),
            origin: Some(SITE),
        }
    }

    /// Opens a page, through every redirect.
    pub(crate) async fn open(&mut self, path: &str) -> Page {
        let mut page = self.ask("GET", path, None).await;
        while let Some(location) = page.location() {
            page = self.ask("GET", &location, None).await;
        }
        page
    }

    /// Fills a form in and sends it; what is hidden in it goes along.
    pub(crate) async fn send(
        &mut self,
        page: &Page,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let mut pairs = page.hidden(action);
        pairs.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        self.post((action, &page.path), &pairs).await
    }

    /// Sends fields, through every redirect.
    pub(crate) async fn post(
        &mut self,
        (action, from): (&str, &str),
        pairs: &[(String, String)],
    ) -> Page {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        let answer = self.ask("POST", action, Some((body, from))).await;
        match answer.location() {
            Some(location) => self.open(&location).await,
            None => answer,
        }
    }

    /// Asks once, and follows nothing.
    pub(crate) async fn ask(
        &mut self,
        method: &str,
        path: &str,
        form: Option<(String, &str)>,
    ) -> Page {
        let cookies = self.cookies.iter();
        let cookies: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("cookie", cookies.join("; "));
        let mut body = Body::empty();
        if let Some((text, from)) = form {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .header("referer", format!("{SITE}{from}"));
            if let Some(origin) = self.origin {
                request = request.header("origin", origin);
            }
            body = Body::from(text);
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap());
        let (head, body) = response.await.unwrap().into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        self.keep(&head.headers);
        Page {
            status: head.status,
            headers: head.headers,
            path: path.to_owned(),
            html: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for value in headers.get_all("set-cookie") {
            let (pair, attributes) = value.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

// === impl Page ===

impl Page {
    /// Returns the text of what a selector finds, one line each.
    pub(crate) fn all(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Html::parse_document(&self.html)
            .select(&selector)
            .map(|element| words(element.text().collect()))
            .collect()
    }

    /// Returns an attribute of what a selector finds.
    pub(crate) fn attribute(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        Html::parse_document(&self.html)
            .select(&selector)
            .filter_map(|element| element.attr(name).map(str::to_owned))
            .collect()
    }

    /// Returns what people read on the page.
    pub(crate) fn text(&self) -> String {
        self.all("main").join(" ")
    }

    /// Whether there is a link or a button with a text.
    pub(crate) fn offers(&self, text: &str) -> bool {
        let offered = self.all("main a, main button");
        offered.iter().any(|one| one == text)
    }

    fn location(&self) -> Option<String> {
        let location = self.headers.get("location")?;
        Some(location.to_str().unwrap().to_owned())
    }

    fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let selector = format!("form[action='{action}'] input[type=hidden]");
        let names = self.attribute(&selector, "name");
        assert!(!names.is_empty(), "no form `{action}`: {}", self.text());
        names
            .into_iter()
            .zip(self.attribute(&selector, "value"))
            .collect()
    }
}
