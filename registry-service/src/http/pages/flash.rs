//! A message for the next page, carried by a cookie that page deletes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The longest message that is carried, in characters; cookies end at 4 KiB.
const LONGEST: usize = 500;

/// A message for the next page. It names things; it never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    tone: Tone,
    text: String,
    /// Whether what was typed before waits for the page.
    #[serde(default, skip_serializing_if = "is_off")]
    has_form: bool,
}

/// How a message looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Tone {
    Success,
    Notice,
    Warning,
}

// === impl Flash ===

impl Flash {
    /// Says that something was done.
    pub fn success(text: impl Into<String>) -> Self {
        Self::new(Tone::Success, text)
    }

    /// Says something that is good to know.
    pub fn notice(text: impl Into<String>) -> Self {
        Self::new(Tone::Notice, text)
    }

    /// Says that something was not done.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Tone::Warning, text)
    }

    /// Says that what was typed before waits for the page.
    #[must_use]
    pub(super) fn with_form(self) -> Self {
        let has_form = true;
        Self { has_form, ..self }
    }

    /// Whether what was typed before waits for the page.
    pub(super) const fn has_form(&self) -> bool {
        self.has_form
    }

    /// Returns it as a cookie's value.
    pub(super) fn to_value(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(json)
    }

    /// Reads a cookie's value.
    pub(super) fn of_value(value: &str) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode(value).ok()?;
        let read: Self = serde_json::from_slice(&json).ok()?;
        let has_form = read.has_form;
        Some(Self {
            has_form,
            ..Self::new(read.tone, read.text)
        })
    }

    fn new(tone: Tone, text: impl Into<String>) -> Self {
        let text = text.into().chars().take(LONGEST).collect();
        Self {
            tone,
            text,
            has_form: false,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
const fn is_off(switch: &bool) -> bool {
    !*switch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_the_cookie_and_anything_else_is_none() {
        let flash = Flash::success("“Wetter” is registered");
        assert_eq!(Flash::of_value(&flash.to_value()), Some(flash));
        for value in ["", "x", "e30"] {
            assert_eq!(Flash::of_value(value), None, "{value}");
        }
    }
}
