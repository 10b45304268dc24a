//! A raw HTTP/1.1 client: sends exactly the bytes it is given.
//!
//! [`Request`] is a convenience that keeps order, case and repeats; [`Connection`] takes any bytes
//! at all and reads what comes back, response by response, each by a deadline.

mod connection;
mod request;
mod response;

pub use connection::Connection;
pub use request::Request;
pub use response::Response;

use crate::http1::ReadError;

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Nothing listens there.
    #[error("cannot connect: {0}")]
    Unreachable(std::io::ErrorKind),
    /// The connection ended, was reset, or time was up before a whole response had come.
    #[error("no response: {0}")]
    NoResponse(#[from] ReadError),
}

// === impl ClientError ===

impl From<std::io::Error> for ClientError {
    /// Before the first byte is sent, all that can fail is connecting.
    fn from(error: std::io::Error) -> Self {
        Self::Unreachable(error.kind())
    }
}
