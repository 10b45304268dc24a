//! The top-level members of a JSON object (RFC 8259), by position.
//!
//! A parser that builds values cannot say where a member stood, and concealment leaves every other
//! byte as it is. So the document is only walked: every byte of it is validated, none is kept.

mod cursor;
mod text;

use core::ops::Range;
use std::borrow::Cow;

use cursor::Cursor;

/// A member of the outermost object.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Member<'a> {
    /// Without escapes; `None` if it has no bytes in UTF-8.
    name: Option<Cow<'a, [u8]>>,
    /// What it holds.
    pub(crate) value: Value<'a>,
    /// Where it stands, from the first quote of its name to the end of its value.
    pub(crate) span: Range<usize>,
}

/// What a member holds.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Value<'a> {
    /// A string, as it is written between its quotes.
    Text(&'a [u8]),
    /// An array or object.
    Container,
    /// A number, `true`, `false` or `null`.
    Scalar,
}

/// The document is no JSON object, or nests too deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidJson;

// === impl Member ===

impl Member<'_> {
    /// Whether this is the name once its escapes are resolved; case counts.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name.as_bytes())
    }
}

// === impl Value ===

impl<'a> Value<'a> {
    /// Returns a string's bytes; `None` for what is no string, or has no bytes in UTF-8.
    pub(crate) fn text(self) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Text(raw) => text::unescape(raw),
            Self::Container | Self::Scalar => None,
        }
    }
}

/// Visits each member in order. What was visited counts only if the whole document is valid.
pub(crate) fn scan<'a>(
    document: &'a [u8],
    max_depth: usize,
    mut visit: impl FnMut(Member<'a>),
) -> Result<(), InvalidJson> {
    let mut cursor = Cursor::new(document, max_depth);
    cursor.skip_space();
    cursor.expect(b'{')?;
    cursor.skip_space();
    let mut is_open = !cursor.eat(b'}');
    while is_open {
        cursor.skip_space();
        visit(member(&mut cursor)?);
        cursor.skip_space();
        is_open = cursor.eat(b',');
        if !is_open {
            cursor.expect(b'}')?;
        }
    }
    cursor.skip_space();
    cursor.expect_end()
}

fn member<'a>(cursor: &mut Cursor<'a>) -> Result<Member<'a>, InvalidJson> {
    let start = cursor.position();
    let name = text::unescape(cursor.name()?);
    let value = cursor.value()?;
    let span = start..cursor.position();
    Ok(Member { name, value, span })
}

#[cfg(test)]
mod tests;
