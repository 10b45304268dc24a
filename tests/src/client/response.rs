//! A response, as it came.

use std::borrow::Cow;

use crate::http1::{Head, HeaderLine, ReadError};

/// A response with its whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The status codes of interim responses that came first.
    pub interim: Vec<u16>,
    /// The status line and header lines.
    pub head: Head,
    /// The body, without the chunks' lengths.
    pub body: Vec<u8>,
    /// The header lines after a chunked body.
    pub trailers: Vec<HeaderLine>,
}

// === impl Response ===

impl Response {
    /// Returns the first value of a header, as text.
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.head.text(name)
    }

    /// Returns the body as text.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Returns the body as JSON; `null` if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Parses the status of a status line.
    pub(super) fn status_of(head: &Head) -> Result<u16, ReadError> {
        std::str::from_utf8(head.start_part(1))
            .ok()
            .filter(|_| head.start_line.starts_with(b"HTTP/1."))
            .and_then(|digits| digits.parse().ok())
            .ok_or(ReadError::Malformed("status line"))
    }
}
