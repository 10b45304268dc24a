//! Markdown: what product owners write, as safe HTML ([`html`]) and as Konnect's nodes ([`nodes`]).
//!
//! It is `CommonMark` with tables, strikethrough and task lists. Whoever writes it may be careless or
//! hostile: nothing of it runs in a reader's browser.

pub mod html;
pub mod nodes;

use std::fmt;
use std::str::FromStr;

use pulldown_cmark::{Event, Options, Parser, TextMergeStream};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use url::Url;

use crate::domain::schema::schema;

/// The largest document, in bytes.
pub const LARGEST: usize = 256 * 1024;

/// How deep elements nest; deeper ones are left out and what they hold stays. A line of `>` alone
/// would nest thousands, and what reads trees afterwards is not made for that.
const DEEPEST: usize = 32;

/// Where links and images of a document may lead.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// A text in Markdown, of at most [`LARGEST`] bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markdown(String);

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMarkdown {
    /// There is too much.
    #[error("must have at most {LARGEST} bytes")]
    TooLarge,
    /// PostgreSQL cannot keep it.
    #[error("must not contain NUL")]
    Nul,
}

// === impl Markdown ===

impl Markdown {
    /// Parses a text; all Markdown is valid.
    pub fn parse(text: &str) -> Result<Self, InvalidMarkdown> {
        if text.len() > LARGEST {
            return Err(InvalidMarkdown::TooLarge);
        }
        if text.contains('\0') {
            return Err(InvalidMarkdown::Nul);
        }
        Ok(Self(text.to_owned()))
    }

    /// Borrows the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads it, element by element, down to [`DEEPEST`].
    fn events(&self) -> impl Iterator<Item = Event<'_>> {
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let mut depth = 0_usize;
        let is_kept = move |event: &Event<'_>| match event {
            Event::Start(_) => {
                depth += 1;
                depth <= DEEPEST
            }
            Event::End(_) => {
                depth -= 1;
                depth < DEEPEST
            }
            _ => true,
        };
        TextMergeStream::new(Parser::new_ext(&self.0, options)).filter(is_kept)
    }
}

impl FromStr for Markdown {
    type Err = InvalidMarkdown;

    fn from_str(text: &str) -> Result<Self, InvalidMarkdown> {
        Self::parse(text)
    }
}

impl fmt::Display for Markdown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

schema!([] Markdown = {"type": "string", "maxLength": LARGEST, "pattern": r"^[^\u0000]*$"});

impl Serialize for Markdown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Markdown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// Whether a link may lead there: to a web page, a mailbox, or a place on the same site.
///
/// The text is read as browsers read it (WHATWG URL): `java\nscript:` is a scheme to them.
fn is_safe(address: &str) -> bool {
    match Url::parse(address) {
        Ok(url) => SCHEMES.contains(&url.scheme()),
        Err(error) => error == url::ParseError::RelativeUrlWithoutBase,
    }
}

#[cfg(test)]
mod tests;
