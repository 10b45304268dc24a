//! The key in a multipart form.

use std::borrow::Cow;

use super::located::{Findings, Located};
use crate::multipart::{self, Part};

/// How many parts are searched; a body with more has no key.
const MAX_PARTS: usize = 256;

/// Looks for key names among the parts; `None` if the body cannot be searched.
pub(super) fn search<'a>(
    names: &[String],
    boundary: &[u8],
    body: &'a [u8],
) -> Option<Vec<Located<'a>>> {
    let mut findings = Findings::new(names);
    let mut count = 0;
    multipart::scan(body, boundary, |part| {
        findings.record(|name| part.is_named(name), || locate(&part));
        count += 1;
    })
    .ok()?;
    (count <= MAX_PARTS).then(|| findings.into_located())
}

/// An uploaded file is no form value.
fn locate<'a>(part: &Part<'a>) -> Located<'a> {
    if part.is_file() {
        Located::Unusable
    } else {
        Located::Text(Cow::Borrowed(part.value))
    }
}
