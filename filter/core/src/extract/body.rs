//! The key in the body, which is parsed once for all names, and only if one of them needs it.

use super::located::Located;
use super::{Body, form, json, multipart};
use crate::content_type::ContentType;
use crate::head::Head;

/// The body, parsed when it is first asked.
pub(super) struct BodySearch<'a> {
    names: &'a [String],
    content_type: Option<ContentType<'a>>,
    body: Body<'a>,
    located: Option<Vec<Located<'a>>>,
}

// === impl BodySearch ===

impl<'a> BodySearch<'a> {
    /// Prepares to search a body for names.
    pub(super) fn new(names: &'a [String], head: &'a Head, body: Body<'a>) -> Self {
        Self {
            names,
            content_type: ContentType::of(head),
            body,
            located: None,
        }
    }

    /// Returns what the body holds under the name at an index; `None` if that is not known before
    /// the body has been read.
    pub(super) fn locate(&mut self, index: usize) -> Option<Located<'a>> {
        let (content_type, bytes) = match (self.content_type, self.body) {
            (None, _) | (_, Body::Unavailable) => return Some(Located::Absent),
            (Some(_), Body::NotRead) => return None,
            (Some(content_type), Body::Whole(bytes)) => (content_type, bytes),
        };
        let names = self.names;
        let located = self
            .located
            .get_or_insert_with(|| search(names, content_type, bytes).unwrap_or_default());
        Some(located.get(index).cloned().unwrap_or(Located::Absent))
    }
}

/// A body that is not what its content type says, or too large to search, holds no key.
fn search<'a>(
    names: &[String],
    content_type: ContentType<'_>,
    body: &'a [u8],
) -> Option<Vec<Located<'a>>> {
    match content_type {
        ContentType::Form => Some(form::search(names, body)),
        ContentType::Json => json::search(names, body),
        ContentType::Multipart(boundary) => multipart::search(names, boundary, body),
    }
}
