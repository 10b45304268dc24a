//! Where a log-in leads back to: a page of this site, or the first one.

use url::Url;

/// The path and query of a page of this site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo(String);

// === impl ReturnTo ===

impl ReturnTo {
    /// Parses what a query or a form says; whatever is not a path of this site is the first page.
    ///
    /// Browsers read `/\evil` and `//evil` as another host (WHATWG URL, "relative slash state"), so
    /// the text is resolved as they would and its origin is compared.
    pub fn parse(text: &str) -> Self {
        Self::resolve(text).unwrap_or_default()
    }

    /// Parses a whole URL of this site, such as a `Referer`.
    pub fn of_url(text: &str, site: &Url) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        (url.origin() == site.origin()).then(|| Self::of(&url))
    }

    /// Borrows the path and query.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Borrows the path alone.
    pub fn path(&self) -> &str {
        self.0.split('?').next().unwrap_or_default()
    }

    fn resolve(text: &str) -> Option<Self> {
        let here = Url::parse("https://here.invalid/").ok()?;
        if !text.starts_with('/') {
            return None;
        }
        let url = here.join(text).ok()?;
        (url.origin() == here.origin()).then(|| Self::of(&url))
    }

    fn of(url: &Url) -> Self {
        // `/.//evil` resolves to a path that would be a host where it stands alone.
        if url.path().starts_with("//") {
            return Self::default();
        }
        match url.query() {
            Some(query) => Self(format!("{}?{query}", url.path())),
            None => Self(url.path().to_owned()),
        }
    }
}

impl Default for ReturnTo {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_returned_to() {
        for (text, expected) in [
            ("/applications?page=2", "/applications?page=2"),
            ("/a/../b#c", "/b"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("\\\\evil.example", "/"),
            ("https://evil.example/", "/"),
            ("javascript:alert(1)", "/"),
            ("applications", "/"),
        ] {
            assert_eq!(ReturnTo::parse(text).as_str(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_path_that_begins_with_two_slashes_leads_nowhere() {
        assert_eq!(ReturnTo::parse("/.//evil.example").as_str(), "/");
    }

    #[test]
    fn a_url_of_another_site_is_none() {
        let site = Url::parse("http://localhost:8003").unwrap();
        let found = ReturnTo::of_url("http://localhost:8003/a?b=c", &site);
        assert_eq!(found, Some(ReturnTo("/a?b=c".to_owned())));
        assert_eq!(ReturnTo::of_url("http://localhost:8001/a", &site), None);
    }
}
