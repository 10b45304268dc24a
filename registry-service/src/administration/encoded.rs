//! Texts that the admin API takes as base64 (RFC 4648, section 4), as Konnect's does.

use std::fmt::Display;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Reads base64 of a text.
pub(super) fn base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = BASE64_STANDARD
        .decode(text.as_bytes())
        .map_err(|_| D::Error::custom("must be base64"))?;
    String::from_utf8(bytes).map_err(|_| D::Error::custom("must be base64 of text in UTF-8"))
}

/// Reads base64 of a text that may be missing; null is as if it were.
pub(super) fn some_base64<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    struct Encoded(#[serde(deserialize_with = "base64")] String);
    let encoded = Option::<Encoded>::deserialize(deserializer)?;
    Ok(encoded.map(|Encoded(text)| text))
}

/// Reads a text, or base64 of one.
pub(super) fn text_or_base64<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = String::deserialize(deserializer)?;
    let decoded = decoded(&text).unwrap_or(text);
    decoded.parse().map_err(D::Error::custom)
}

/// Reads a text, or base64 of one, that may be missing; null is as if it were.
pub(super) fn some_text_or_base64<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    let decoded = text.map(|text| decoded(&text).unwrap_or(text));
    decoded
        .map(|text| text.parse().map_err(D::Error::custom))
        .transpose()
}

/// Decodes what can only be meant as base64: a word of Markdown could have its form, but would
/// hardly decode to a text without control characters.
fn decoded(text: &str) -> Option<String> {
    let bytes = BASE64_STANDARD.decode(text.as_bytes()).ok()?;
    let decoded = String::from_utf8(bytes).ok()?;
    let is_odd = |character: char| character.is_control() && !"\n\r\t".contains(character);
    (!decoded.contains(is_odd)).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_a_text_is_told_from_a_text() {
        assert_eq!(decoded("IyBIaQo=").as_deref(), Some("# Hi\n"));
        for text in ["# Hi", "Test", "Home", "Documentation", "AAECAw=="] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
