//! Text with a rule, parsed once at the edge.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::domain::schema::schema;

/// The longest address that mail can be sent to (RFC 5321, section 4.5.3.1.3, less the brackets).
const LONGEST_EMAIL: usize = 254;

/// One line of text: 1 to `MAX` characters, none of them a control character.
///
/// Control characters would make Envoy refuse the header that carries a name (RFC 9110, section 5.5).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line<const MAX: usize>(String);

/// Any text of at most `MAX` characters but NUL, which PostgreSQL cannot keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose<const MAX: usize>(String);

/// An e-mail address, as far as it can be judged without sending to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// There has to be something.
    #[error("must not be empty")]
    Empty,
    /// There is too much.
    #[error("must have at most {maximum} characters")]
    TooLong {
        /// How many characters there may be.
        maximum: usize,
    },
    /// A character that cannot be shown or sent.
    #[error("must not contain control characters")]
    ControlCharacter,
    /// Spaces that nobody would see.
    #[error("must not begin or end with white space")]
    Untrimmed,
    /// No address.
    #[error("must be an e-mail address")]
    NotAnEmail,
}

// === impl Line ===

impl<const MAX: usize> Line<MAX> {
    /// Parses a line.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        if text.chars().count() > MAX {
            return Err(InvalidText::TooLong { maximum: MAX });
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidText::ControlCharacter);
        }
        if text.trim() != text {
            return Err(InvalidText::Untrimmed);
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes a line this program was written with.
    pub(crate) fn written(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Borrows the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text as it is searched: lower case, on every database alike.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

// === impl Prose ===

impl<const MAX: usize> Prose<MAX> {
    /// Parses a text.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if text.chars().count() > MAX {
            return Err(InvalidText::TooLong { maximum: MAX });
        }
        if text.contains('\0') {
            return Err(InvalidText::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// Borrows the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// === impl Email ===

impl Email {
    /// Parses an address: something, one `@`, something, no white space.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if text.len() > LONGEST_EMAIL {
            return Err(InvalidText::TooLong {
                maximum: LONGEST_EMAIL,
            });
        }
        let is_address = text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        });
        let is_odd = |character: char| character.is_whitespace() || character.is_control();
        if !is_address || text.chars().any(is_odd) {
            return Err(InvalidText::NotAnEmail);
        }
        Ok(Self(text.to_owned()))
    }

    /// Borrows the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the address as it is compared: two that differ in case are one person.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// Parses what may be left out; forms send what was left empty as empty text.
pub fn optional<T: FromStr>(text: Option<&str>) -> Result<Option<T>, T::Err> {
    text.filter(|text| !text.is_empty())
        .map(str::parse)
        .transpose()
}

macro_rules! as_text {
    ([$($generics:tt)*] $name:ty) => {
        impl<$($generics)*> fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl<$($generics)*> FromStr for $name {
            type Err = InvalidText;

            fn from_str(text: &str) -> Result<Self, InvalidText> {
                Self::parse(text)
            }
        }

        impl<$($generics)*> Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de, $($generics)*> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(de::Error::custom)
            }
        }
    };
}

schema!([const MAX: usize] Line<MAX> = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX,
    "pattern": r"^[^\s\u0000-\u001f\u007f-\u009f]([^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f])?$",
});
schema!([const MAX: usize] Prose<MAX> = {
    "type": "string",
    "maxLength": MAX,
    "pattern": r"^[^\u0000]*$",
});
schema!([] Email = {
    "type": "string",
    "maxLength": LONGEST_EMAIL,
    "pattern": r"^[^@\s\u0000-\u001f\u007f-\u009f]+@[^@\s\u0000-\u001f\u007f-\u009f]+$",
});
as_text!([const MAX: usize] Line<MAX>);
as_text!([const MAX: usize] Prose<MAX>);
as_text!([] Email);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_control_character_is_refused() {
        for text in ["a\nb", "a\0", "\u{7f}", "a\u{85}b"] {
            assert_eq!(
                Line::<255>::parse(text),
                Err(InvalidText::ControlCharacter),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_line_is_measured_in_characters() {
        assert!(Line::<2>::parse("éé").is_ok());
        assert_eq!(
            Line::<2>::parse("abc"),
            Err(InvalidText::TooLong { maximum: 2 })
        );
        assert_eq!(Line::<2>::parse(""), Err(InvalidText::Empty));
    }

    #[test]
    fn an_address_needs_both_sides_of_one_at() {
        assert!(Email::parse("ada@example.com").is_ok());
        for text in ["", "ada", "@", "ada@", "@example.com", "a@b@c", "a b@c"] {
            assert_eq!(Email::parse(text), Err(InvalidText::NotAnEmail), "{text:?}");
        }
    }
}
