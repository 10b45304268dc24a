//! The key in the body, which is parsed once for all names, and only if one of them needs it.

use std::borrow::Cow;

use super::Body;
use super::located::{Findings, Located};
use crate::content_type::ContentType;
use crate::head::Head;
use crate::urlencoded;

/// The body, parsed when it is first asked.
#[derive(Debug)]
pub(super) struct BodySearch<'a> {
    names: &'a [String],
    content_type: Option<ContentType>,
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
        let bytes = match (self.content_type, self.body) {
            (None, _) | (_, Body::Unavailable) => return Some(Located::Absent),
            (Some(_), Body::NotRead) => return None,
            (Some(content_type), Body::Whole(bytes)) => (content_type, bytes),
        };
        let names = self.names;
        let located = self
            .located
            .get_or_insert_with(|| search(names, bytes.0, bytes.1));
        Some(located.get(index).cloned().unwrap_or(Located::Absent))
    }
}

fn search<'a>(names: &[String], content_type: ContentType, body: &'a [u8]) -> Vec<Located<'a>> {
    let mut findings = Findings::new(names);
    match content_type {
        ContentType::Form => search_form(&mut findings, body),
    }
    findings.into_located()
}

fn search_form(findings: &mut Findings<'_, '_>, body: &[u8]) {
    for pair in urlencoded::pairs(body) {
        findings.record(
            |name| pair.is_named(name),
            || match pair.value() {
                Some(value) => Located::Text(Cow::Owned(value)),
                None => Located::Unusable,
            },
        );
    }
}
