//! The key in a JSON object.

use super::located::{Findings, Located};
use crate::json::{self, Value};

/// How deep a document may nest.
const MAX_DEPTH: usize = 64;

/// Looks for key names among the top-level members; `None` if the body cannot be searched.
pub(super) fn search<'a>(names: &[String], body: &'a [u8]) -> Option<Vec<Located<'a>>> {
    let mut findings = Findings::new(names);
    json::scan(body, MAX_DEPTH, |member| {
        findings.record(|name| member.is_named(name), || locate(member.value));
    })
    .ok()?;
    Some(findings.into_located())
}

/// An array or object is several values, even if there is one in it or none.
fn locate(value: Value<'_>) -> Located<'_> {
    match (value, value.text()) {
        (Value::Container, _) => Located::Repeated,
        (_, Some(text)) => Located::Text(text),
        (_, None) => Located::Unusable,
    }
}
