//! What was done and what was mailed: the audit log and the outbox.

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use serde_json::{Value, json};

use crate::administration::{audit, outbox};
use crate::http::pages::admin::desk::{Desk, narrowed};
use crate::http::pages::{Browse, PageResult};
use crate::storage::audit::AuditEntry;
use crate::storage::outbox::Message;
use crate::storage::{Operator, Range, Wanted};

/// How many entries a file of the audit log has at most, the latest first.
const MOST_LINES: i64 = 10_000;

/// What kinds of actors there are.
const ACTORS: [&str; 5] = ["admin", "operator", "token", "developer", "registry"];

/// What begins a formula in a spreadsheet (OWASP, "CSV Injection").
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// Shows the audit log.
pub(super) async fn audit(desk: Desk, browse: Browse) -> PageResult {
    let list = audit::list(&desk.acting, &asked(&browse, browse.range())).await?;
    let page = json!({
        "action": browse.text("action"),
        "subject": browse.text("subject"),
        "actor": browse.text("actor"),
        "actors": ACTORS,
        "csv": browse.elsewhere("/audit.csv"),
        "entries": list.items.iter().map(entry).collect::<Vec<_>>(),
        "pager": browse.pager(list.total),
    });
    desk.show("admin/audit.html", page)
}

/// Sends the audit log as a file (RFC 4180).
pub(super) async fn audit_file(desk: Desk, browse: Browse) -> PageResult {
    let range = Range {
        limit: MOST_LINES,
        offset: 0,
    };
    let list = audit::list(&desk.acting, &asked(&browse, range)).await?;
    let mut text = line([
        "at",
        "actor_kind",
        "actor_id",
        "action",
        "subject_id",
        "revision",
    ]);
    for entry in &list.items {
        text.push_str(&line([
            &entry.at.to_string(),
            &entry.actor_kind,
            entry.actor_id.as_deref().unwrap_or_default(),
            &entry.action,
            &entry.subject,
            &entry.revision.to_string(),
        ]));
    }
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"audit.csv\""),
        ),
    ];
    Ok((headers, text).into_response())
}

/// Shows the mails, with the links that administrators pass on.
pub(super) async fn outbox(desk: Desk, browse: Browse) -> PageResult {
    let list = outbox::list(&desk.acting, &narrowed(&browse, "recipient")).await?;
    let page = json!({
        "q": browse.text("q"),
        "messages": list.items.iter().map(message).collect::<Vec<_>>(),
        "pager": browse.pager(list.total),
    });
    desk.show("admin/outbox.html", page)
}

fn asked(browse: &Browse, range: Range) -> Wanted {
    let mut wanted = Wanted::all(range);
    for (parameter, field) in [("action", "action"), ("subject", "subject_id")] {
        if let Some(text) = browse.filled(parameter) {
            wanted = wanted.with(field, Operator::Contains, text);
        }
    }
    match browse.filled("actor") {
        Some(kind) if ACTORS.contains(&kind.as_str()) => wanted.equal("actor_kind", kind),
        _ => wanted,
    }
}

fn entry(entry: &AuditEntry) -> Value {
    json!({
        "number": entry.number,
        "at": entry.at,
        "actor_kind": entry.actor_kind,
        "actor_id": entry.actor_id,
        "action": entry.action,
        "subject": entry.subject,
        "revision": entry.revision,
    })
}

fn message(message: &Message) -> Value {
    json!({
        "id": message.id,
        "recipient": message.recipient,
        "template": message.template,
        "link": message.content.get("link"),
        "created_at": message.created_at,
        "sent_at": message.sent_at,
    })
}

fn line<const N: usize>(fields: [&str; N]) -> String {
    let cells: Vec<String> = fields.iter().map(|field| cell(field)).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    let text = text.replace('"', "\"\"");
    if text.starts_with(FORMULA) {
        format!("\"'{text}\"")
    } else {
        format!("\"{text}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_file_is_a_formula() {
        assert_eq!(
            line(["a,b", "=1+1", "\"q\""]),
            "\"a,b\",\"'=1+1\",\"\"\"q\"\"\"\r\n"
        );
    }
}
