//! The key in a form.

use super::located::{Findings, Located};
use crate::urlencoded;

/// Looks for key names among a form's fields.
pub(super) fn search(names: &[String], body: &[u8]) -> Vec<Located<'static>> {
    let mut findings = Findings::new(names);
    for pair in urlencoded::pairs(body) {
        findings.record(|name| pair.is_named(name), || Located::from(pair));
    }
    findings.into_located()
}
