//! Which bodies can hold a key, and how they are written.

use crate::head::Head;

/// How a body that can hold a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentType {
    /// `application/x-www-form-urlencoded`.
    Form,
}

// === impl ContentType ===

impl ContentType {
    /// Returns the type of a request's body if it can hold a key.
    ///
    /// More than one `Content-Type` would be read differently by different upstreams: none of them
    /// is believed.
    pub(crate) fn of(head: &Head) -> Option<Self> {
        let mut values = head.values("content-type");
        let value = values.next()?;
        if values.next().is_some() {
            return None;
        }
        Self::parse(value)
    }

    fn parse(value: &[u8]) -> Option<Self> {
        let essence = value
            .split(|byte| *byte == b';')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        essence
            .eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
            .then_some(Self::Form)
    }
}
