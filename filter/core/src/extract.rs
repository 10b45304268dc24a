//! Finds the key of a request.
//!
//! Kong's order: key names as configured; for each, header, then query, then body; the first value
//! that is present is final. Repeats are refused.

use keystile_protocol::key::ApiKey;
use keystile_protocol::service::KeyAuth;

use crate::head::Head;

/// What is known of the body when the key is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body<'a> {
    /// It could still be read.
    NotRead,
    /// There is none to read: the request has none, or the host cannot give it to us.
    Unavailable,
    /// All of it.
    Whole(&'a [u8]),
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Found {
    /// The key the request is decided by, known or not.
    Key(ApiKey),
    /// No key, or an empty one.
    Nothing,
    /// More than one value where there must be one.
    Duplicate,
    /// A value that cannot be a key we know: it is longer than any.
    Oversized,
    /// The answer depends on the body: read it whole and ask again.
    BodyNeeded,
}

/// Looks for the key.
pub fn find_key(_key_auth: &KeyAuth, _head: &Head, _body: Body<'_>) -> Found {
    Found::Nothing
}
