//! Finds the key of a request.
//!
//! Kong's order: key names as configured; for each, header, then query, then body; the first value
//! that is present is final. Repeats are refused.

pub(crate) mod header;
pub(crate) mod query;

mod body;
mod form;
mod json;
mod located;
mod multipart;

use core::fmt;

use keystile_protocol::key::ApiKey;
use keystile_protocol::service::KeyAuth;

use crate::head::Head;
use body::BodySearch;
use located::Located;

/// The longest value that is looked up; we issue none that is longer, and import none.
const MAX_KEY_BYTES: usize = 256;

/// What is known of the body when the key is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
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

/// A body may hold a key: only its length is printed.
impl fmt::Debug for Body<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRead => formatter.write_str("NotRead"),
            Self::Unavailable => formatter.write_str("Unavailable"),
            Self::Whole(bytes) => write!(formatter, "Whole({} bytes)", bytes.len()),
        }
    }
}

/// Looks for the key.
pub fn find_key(key_auth: &KeyAuth, head: &Head, body: Body<'_>) -> Found {
    let mut body = key_auth
        .key_in_body
        .then(|| BodySearch::new(&key_auth.key_names, head, body));
    for (index, name) in key_auth.key_names.iter().enumerate() {
        let located = match locate_in_head(key_auth, head, name) {
            Located::Absent => match body.as_mut().map(|body| body.locate(index)) {
                Some(None) => return Found::BodyNeeded,
                Some(Some(located)) => located,
                None => Located::Absent,
            },
            present => present,
        };
        match located {
            Located::Absent | Located::Unusable => {}
            Located::Repeated => return Found::Duplicate,
            Located::Text(value) => return judge(&value),
        }
    }
    Found::Nothing
}

fn locate_in_head<'a>(key_auth: &KeyAuth, head: &'a Head, name: &str) -> Located<'a> {
    if key_auth.key_in_header {
        let located = header::locate(head, name, key_auth.value_prefix.as_deref());
        if located != Located::Absent {
            return located;
        }
    }
    if key_auth.key_in_query {
        return query::locate(head.path(), name);
    }
    Located::Absent
}

fn judge(value: &[u8]) -> Found {
    match value.len() {
        0 => Found::Nothing,
        1..=MAX_KEY_BYTES => Found::Key(ApiKey::new(value)),
        _ => Found::Oversized,
    }
}

#[cfg(test)]
mod tests;
