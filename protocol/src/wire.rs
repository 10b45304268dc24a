//! Bytes on the wire: postcard, its version in the media type.

use core::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The media type of a [`crate::state::Page`].
pub const STATE: &str = "application/vnd.keystile.state.v1+postcard";

/// The media type of a [`crate::check::CheckRequest`] and a [`crate::check::CheckResponse`].
pub const CHECK: &str = "application/vnd.keystile.check.v1+postcard";

/// The media type of a [`crate::usage::Report`].
pub const USAGE: &str = "application/vnd.keystile.usage.v1+postcard";

/// The bytes are not what their media type says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidMessage;

impl fmt::Display for InvalidMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not a message of this version")
    }
}

impl core::error::Error for InvalidMessage {}

/// Returns the bytes of a message.
///
/// The types of this crate always encode; the error is postcard's, for types that do not.
pub fn encode<M: Serialize>(message: &M) -> Result<Vec<u8>, InvalidMessage> {
    postcard::to_allocvec(message).map_err(|_| InvalidMessage)
}

/// Parses a message; bytes left over are an error.
pub fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, InvalidMessage> {
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        _ => Err(InvalidMessage),
    }
}

#[cfg(test)]
mod tests;
