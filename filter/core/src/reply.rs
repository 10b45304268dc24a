//! What a refused client reads. The one place in the filter that knows status codes.

use keystile_protocol::service::KeyAuth;

use crate::head::Head;

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// No key, or an empty one: 401.
    NoKey,
    /// More than one key where there must be one: 401.
    DuplicateKey,
    /// A key that is not known, or no longer: 401.
    UnknownKey,
    /// A known key without an approved registration, or in no admitted group: 403.
    NotAdmitted,
    /// Acts as the anonymous application, which has no groups to be judged by: 401.
    AnonymousNotAdmitted,
    /// The route names no service we know, or one that is closed: 403.
    NoService,
    /// The body is larger than what is searched: 413.
    BodyTooLarge,
    /// The registry's data has not arrived or is too old to decide by: 503.
    Undecidable,
}

/// A reply of the filter's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalReply {
    /// The HTTP status.
    pub status: u32,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body; empty for `HEAD`.
    pub body: Vec<u8>,
}

/// Returns the reply for a denial, in the form the client accepts.
pub fn reply(_denial: Denial, _key_auth: Option<&KeyAuth>, _head: &Head) -> LocalReply {
    LocalReply {
        status: 503,
        headers: Vec::new(),
        body: Vec::new(),
    }
}
