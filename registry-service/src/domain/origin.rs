//! Web origins: whose pages may call the portal's API.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// An origin as browsers send it (RFC 6454, section 6.2): `https://apps.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebOrigin(String);

/// The text is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an origin, such as `https://apps.example`: scheme, host and port, nothing else")]
pub struct InvalidOrigin;

// === impl WebOrigin ===

impl WebOrigin {
    /// Borrows the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for WebOrigin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let url = Url::parse(text).map_err(|_| InvalidOrigin)?;
        let origin = url.origin();
        let is_web = matches!(url.scheme(), "http" | "https") && origin.is_tuple();
        let text = origin.ascii_serialization();
        // What the URL says beyond its origin would be ignored, which nobody expects.
        let is_all = url.as_str() == format!("{text}/");
        if is_web && is_all {
            Ok(Self(text))
        } else {
            Err(InvalidOrigin)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_send_it() {
        for (text, expected) in [
            ("https://Apps.Example", "https://apps.example"),
            ("https://apps.example:443/", "https://apps.example"),
            ("http://localhost:5173", "http://localhost:5173"),
        ] {
            let origin: WebOrigin = text.parse().unwrap();
            assert_eq!(origin.as_str(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        for text in [
            "*",
            "null",
            "apps.example",
            "https://apps.example/portal",
            "https://apps.example?x",
            "https://ada@apps.example",
            "file:///index.html",
            "data:text/html,x",
        ] {
            assert_eq!(text.parse::<WebOrigin>(), Err(InvalidOrigin), "{text}");
        }
    }
}
