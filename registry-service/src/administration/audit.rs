//! What was done, by whom: read in pages, or as a file for a spreadsheet.

use crate::administration::{Acting, Result};
use crate::storage::audit::{self, AuditEntry};
use crate::storage::{List, Range, Wanted};

/// How many entries a file has at most.
const MOST_LINES: i64 = 10_000;

/// What a file's columns are called.
const HEADINGS: [&str; 13] = [
    "number",
    "at",
    "actor_kind",
    "actor_id",
    "admin_id",
    "actor_email",
    "action",
    "subject_id",
    "was",
    "became",
    "request_id",
    "source",
    "revision",
];

/// What begins a formula in a spreadsheet (OWASP, "CSV Injection").
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Lists writes, the latest first unless another order is wanted.
pub async fn list(acting: &Acting, wanted: &Wanted) -> Result<List<AuditEntry>> {
    let mut snapshot = acting.read().await?;
    Ok(audit::list(&mut snapshot, wanted).await?)
}

/// Returns writes as the text of a file (RFC 4180), whatever page is wanted.
pub async fn export(acting: &Acting, wanted: Wanted) -> Result<String> {
    let range = Range {
        limit: MOST_LINES,
        offset: 0,
    };
    let list = list(acting, &Wanted { range, ..wanted }).await?;
    let mut text = line(HEADINGS.map(str::to_owned));
    for entry in list.items {
        text.push_str(&line(cells(entry)));
    }
    Ok(text)
}

fn cells(entry: AuditEntry) -> [String; HEADINGS.len()] {
    let json = |value: Option<serde_json::Value>| value.map(|value| value.to_string());
    [
        entry.number.to_string(),
        entry.at.to_string(),
        entry.actor_kind,
        entry.actor_id.unwrap_or_default(),
        entry.admin.map(|id| id.to_string()).unwrap_or_default(),
        entry.actor_email.unwrap_or_default(),
        entry.action,
        entry.subject,
        json(entry.was).unwrap_or_default(),
        json(entry.became).unwrap_or_default(),
        entry.request_id.unwrap_or_default(),
        entry.source.unwrap_or_default(),
        entry.revision.to_string(),
    ]
}

fn line(cells: [String; HEADINGS.len()]) -> String {
    let cells = cells.map(|text| quoted(&text));
    format!("{}\r\n", cells.join(","))
}

/// Quotes a cell; one that a spreadsheet would calculate becomes text.
fn quoted(text: &str) -> String {
    let mark = if text.starts_with(FORMULA) { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_file_is_a_formula_and_nothing_leaves_its_cell() {
        for (text, expected) in [
            ("a,b", r#""a,b""#),
            ("=1+1", r#""'=1+1""#),
            ("@sum", r#""'@sum""#),
            (r#"say "x""#, r#""say ""x""""#),
        ] {
            assert_eq!(quoted(text), expected, "{text}");
        }
    }
}
