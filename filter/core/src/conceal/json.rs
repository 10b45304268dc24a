//! Takes members out of a JSON object.

use core::ops::Range;

use crate::json::{self, Member};

/// An object that is written again, member by member.
struct Copy<'a> {
    document: &'a [u8],
    kept: Vec<u8>,
    /// Where the last member ended.
    end: usize,
    has_member: bool,
    has_gap: bool,
}

// === impl Copy ===

impl<'a> Copy<'a> {
    fn new(document: &'a [u8]) -> Self {
        Self {
            document,
            kept: Vec::with_capacity(document.len()),
            end: 0,
            has_member: false,
            has_gap: false,
        }
    }

    /// Keeps a member with what separates it from the one before; the first has only what opens the
    /// object before it.
    fn keep(&mut self, span: Range<usize>) {
        if self.has_member || !self.has_gap {
            self.append(self.end..span.start);
        }
        self.append(span.clone());
        self.has_member = true;
        self.end = span.end;
    }

    /// Leaves a member out.
    fn skip(&mut self, span: Range<usize>) {
        if !self.has_member && !self.has_gap {
            self.append(0..span.start);
        }
        self.has_gap = true;
        self.end = span.end;
    }

    fn append(&mut self, range: Range<usize>) {
        self.kept
            .extend_from_slice(self.document.get(range).unwrap_or_default());
    }

    /// Returns the object if something was left out.
    fn finish(mut self) -> Option<Vec<u8>> {
        self.append(self.end..self.document.len());
        self.has_gap.then_some(self.kept)
    }
}

/// Returns the document without every top-level member of these names, each gone with one comma;
/// `None` if there is none, or the document is no JSON object.
pub(super) fn without(document: &[u8], names: &[String]) -> Option<Vec<u8>> {
    let is_concealed = |member: &Member<'_>| names.iter().any(|name| member.is_named(name));
    let mut copy = Copy::new(document);
    json::scan(document, usize::MAX, |member| {
        if is_concealed(&member) {
            copy.skip(member.span);
        } else {
            copy.keep(member.span);
        }
    })
    .ok()?;
    copy.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(document: &str) -> Option<String> {
        without(document.as_bytes(), &["k".to_owned(), "l".to_owned()])
            .map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn a_member_goes_with_one_comma() {
        for (document, rest) in [
            (r#"{"k":"K"}"#, "{}"),
            (r#"{"k":"K","a":1}"#, r#"{"a":1}"#),
            (r#"{"a":1,"k":"K"}"#, r#"{"a":1}"#),
            (r#"{"a":1,"k":"K","b":2}"#, r#"{"a":1,"b":2}"#),
            (
                r#"{"k":1,"a":1,"k":2,"l":[3],"b":2,"k":{}}"#,
                r#"{"a":1,"b":2}"#,
            ),
            (r#"{"k":"K","l":"L"}"#, "{}"),
            (r#"{"k":"K","k":"L","a":1}"#, r#"{"a":1}"#),
            (r#"{"\u006b":"K","a":1}"#, r#"{"a":1}"#),
            (" { \"k\" : \"K\" , \"a\" : 1.0 } ", " { \"a\" : 1.0 } "),
            ("{ \"a\": 1, \"k\": 2 }", "{ \"a\": 1 }"),
            (
                "{\n  \"a\": 1,\n  \"k\": 2,\n  \"b\": 3\n}\n",
                "{\n  \"a\": 1,\n  \"b\": 3\n}\n",
            ),
        ] {
            assert_eq!(kept(document).as_deref(), Some(rest), "{document}");
        }
    }

    #[test]
    fn what_is_kept_keeps_its_bytes() {
        let document =
            r#"{"z":12345678901234567890,"k":"K","s":"a/b \u00e9","a":{"k":"x"},"z":1e5}"#;
        assert_eq!(
            kept(document).as_deref(),
            Some(r#"{"z":12345678901234567890,"s":"a/b \u00e9","a":{"k":"x"},"z":1e5}"#)
        );
    }

    #[test]
    fn a_document_without_the_names_is_left_alone() {
        for document in [
            "{}",
            r#"{ "a": {"k": 1} }"#,
            r#"[{"k":1}]"#,
            r#"{"k":1"#,
            "",
        ] {
            assert_eq!(kept(document), None, "{document}");
        }
    }

    #[test]
    fn a_document_too_deep_to_search_is_still_cleaned() {
        let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        assert_eq!(
            kept(&format!(r#"{{"k":{deep},"a":{deep}}}"#)),
            Some(format!(r#"{{"a":{deep}}}"#))
        );
    }
}
