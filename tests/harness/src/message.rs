//! Whole messages: what an upstream saw, what a client saw, what a server answers.

use std::fmt;

use crate::headers::{Headers, Readable};

/// A request as its receiver sees it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The headers in order, pseudo-headers included.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
    /// The trailers, if any arrived.
    pub trailers: Option<Headers>,
    /// Whether the end of the request arrived.
    pub complete: bool,
}

/// A response: what a client received, or what an upstream or a callout's server answers.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The headers in order, `:status` included.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
    /// The trailers, if any.
    pub trailers: Option<Headers>,
}

impl Request {
    /// Returns the first value of a header.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.get(name)
    }

    /// Returns the path with its query, if it is text.
    pub fn path(&self) -> Option<&str> {
        self.headers.text(":path")
    }
}

impl Response {
    /// Returns an empty answer with this status.
    ///
    /// ```
    /// use proxy_wasm_harness::Response;
    ///
    /// let response = Response::new(404).header("x-reason", "gone").body("nothing here");
    /// assert_eq!(response.status(), Some(404));
    /// ```
    pub fn new(status: u16) -> Self {
        Self {
            headers: Headers::from([(":status", status.to_string())]),
            ..Self::default()
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.add(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Adds a trailer.
    #[must_use]
    pub fn trailer(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let trailers = self.trailers.get_or_insert_default();
        trailers.add(name, value);
        self
    }

    /// Returns the status code.
    pub fn status(&self) -> Option<u16> {
        self.headers.text(":status")?.parse().ok()
    }

    /// Returns the body as text, if it is.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("headers", &self.headers)
            .field("body", &Readable(&self.body))
            .field("trailers", &self.trailers)
            .field("complete", &self.complete)
            .finish()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("headers", &self.headers)
            .field("body", &Readable(&self.body))
            .field("trailers", &self.trailers)
            .finish()
    }
}
