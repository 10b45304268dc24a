//! Long lists on pages: which page, searched for what, narrowed to what.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use serde::Serialize;
use url::form_urlencoded;

use crate::storage::Range;

/// How many items a page of a list has.
const SIZE: i64 = 20;

/// Where in a list someone is, as the query says. Nonsense is the first page of everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browse {
    path: String,
    pairs: Vec<(String, String)>,
    number: i64,
}

/// Where a page is in its list, and the links around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pager {
    number: i64,
    last: i64,
    total: i64,
    previous: Option<String>,
    next: Option<String>,
}

// === impl Browse ===

impl Browse {
    /// Returns what the query says under a name, or nothing.
    pub fn text(&self, name: &str) -> &str {
        let mut pairs = self.pairs.iter();
        pairs
            .find(|(given, _)| given == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// Returns what the query says under a name, if it says something.
    pub fn filled(&self, name: &str) -> Option<String> {
        Some(self.text(name))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    /// Returns which rows make the page.
    pub fn range(&self) -> Range {
        Range {
            limit: SIZE,
            offset: (self.number - 1) * SIZE,
        }
    }

    /// Returns where the page is, now that it is known how long the list is.
    pub fn pager(&self, total: i64) -> Pager {
        let last = ((total + SIZE - 1) / SIZE).max(1);
        let link = |number: i64| (1..=last).contains(&number).then(|| self.link(number));
        Pager {
            number: self.number,
            last,
            total,
            previous: link((self.number - 1).min(last)),
            next: link(self.number + 1),
        }
    }

    /// Returns the address of another page that is narrowed to the same.
    pub fn elsewhere(&self, path: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.pairs)
            .finish();
        format!("{path}?{query}")
    }

    fn of(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        let (numbers, pairs): (Vec<_>, Vec<_>) = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            // PostgreSQL cannot compare with NUL.
            .filter(|(_, value)| !value.contains('\0'))
            .partition(|(name, _)| name == "page");
        let number = numbers.first().and_then(|(_, text)| text.parse().ok());
        Self {
            path: uri.path().to_owned(),
            pairs,
            number: number
                .filter(|number| (1..=100_000).contains(number))
                .unwrap_or(1),
        }
    }

    fn link(&self, number: i64) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.pairs)
            .append_pair("page", &number.to_string())
            .finish();
        format!("{}?{query}", self.path)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Browse {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_what_the_list_is_narrowed_to() {
        let browse = Browse::of(&Uri::from_static("/list?q=a%26b&page=2"));
        assert_eq!(browse.text("q"), "a&b");
        assert_eq!(browse.range().offset, 20);
        let pager = browse.pager(41);
        assert_eq!(pager.previous.as_deref(), Some("/list?q=a%26b&page=1"));
        assert_eq!(pager.next.as_deref(), Some("/list?q=a%26b&page=3"));
        assert_eq!(browse.pager(40).next, None);
    }

    #[test]
    fn a_page_behind_the_end_leads_back_into_the_list() {
        let pager = Browse::of(&Uri::from_static("/list?page=9")).pager(21);
        assert_eq!(pager.previous.as_deref(), Some("/list?page=2"));
        for query in ["", "page=0", "page=-1", "page=x", "page="] {
            let uri = format!("/list?{query}").parse().unwrap();
            assert_eq!(Browse::of(&uri).range().offset, 0, "{query}");
        }
    }
}
