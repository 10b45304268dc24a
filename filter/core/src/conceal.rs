//! Takes the key out of a request, byte for byte, and nothing else.
//!
//! Whether it is taken out at all (`hide_credentials`) is the caller's question. What extraction
//! refuses to search for its size is still cleaned: the work is linear in it.

mod json;
mod multipart;
mod pairs;

use keystile_protocol::service::KeyAuth;

use crate::content_type::ContentType;
use crate::extract::{header, query};
use crate::head::{Head, Place};

/// What has to change in the header map so that no key is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Concealment {
    /// The request target without the key, if it had one.
    pub path: Option<Vec<u8>>,
    /// Which headers to remove.
    pub headers: Vec<Place>,
}

/// Takes every configured name out of headers and query, whatever locations are enabled.
pub fn conceal_head(key_auth: &KeyAuth, head: &Head) -> Concealment {
    let is_concealed = |candidate: &[u8]| {
        key_auth
            .key_names
            .iter()
            .any(|name| header::is_spelling(candidate, name))
    };
    Concealment {
        path: conceal_path(&key_auth.key_names, head.path()),
        headers: head.places_where(is_concealed).collect(),
    }
}

/// Whether the body of this request would have to be read to take a key out of it.
pub fn is_body_concealable(key_auth: &KeyAuth, head: &Head) -> bool {
    key_auth.key_in_body && ContentType::of(head).is_some()
}

/// Returns the body without the key, if it had one.
pub fn conceal_body(key_auth: &KeyAuth, head: &Head, body: &[u8]) -> Option<Vec<u8>> {
    if !key_auth.key_in_body {
        return None;
    }
    match ContentType::of(head)? {
        ContentType::Form => pairs::without(body, &key_auth.key_names),
        ContentType::Json => json::without(body, &key_auth.key_names),
        ContentType::Multipart(boundary) => multipart::without(body, boundary, &key_auth.key_names),
    }
}

/// A query that had nothing but keys goes with its `?`.
fn conceal_path(names: &[String], target: &[u8]) -> Option<Vec<u8>> {
    let (path, query) = query::split(target)?;
    let rest = pairs::without(query, names)?;
    let mark: &[u8] = if rest.is_empty() { b"" } else { b"?" };
    Some([path, mark, &rest].concat())
}

#[cfg(test)]
mod tests;
