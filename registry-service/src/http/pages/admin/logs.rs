//! What was done and what was mailed: the audit log and the outbox.

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::administration::{audit, outbox};
use crate::http::pages::admin::desk::{Desk, narrowed};
use crate::http::pages::{Browse, PageResult};
use crate::storage::audit::AuditEntry;
use crate::storage::outbox::Message;
use crate::storage::{Operator, Wanted};

/// What kinds of actors there are.
const ACTORS: [&str; 5] = ["admin", "operator", "token", "developer", "registry"];

/// Shows the audit log.
pub(super) async fn audit(desk: Desk, browse: Browse) -> PageResult {
    let list = audit::list(&desk.acting, &asked(&browse)).await?;
    let page = json!({
        "action": browse.text("action"),
        "subject": browse.text("subject"),
        "request": browse.text("request"),
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
    let text = audit::export(&desk.acting, asked(&browse)).await?;
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

/// Shows the mails: how each stands, or without a mail server the links that administrators pass on.
pub(super) async fn outbox(desk: Desk, browse: Browse) -> PageResult {
    let list = outbox::list(&desk.acting, &narrowed(&browse, "recipient")).await?;
    let server = desk.visit.settings().mail.as_ref();
    let page = json!({
        "q": browse.text("q"),
        "server": server.map(|server| format!("{}:{}", server.host, server.port)),
        "messages": list.items.iter().map(message).collect::<Vec<_>>(),
        "pager": browse.pager(list.total),
    });
    desk.show("admin/outbox.html", page)
}

fn asked(browse: &Browse) -> Wanted {
    let mut wanted = Wanted::all(browse.range());
    for (parameter, field) in [("action", "action"), ("subject", "subject_id")] {
        if let Some(text) = browse.filled(parameter) {
            wanted = wanted.with(field, Operator::Contains, text);
        }
    }
    if let Some(text) = browse.filled("request") {
        // What is no id names no request.
        let id: Uuid = text.trim().parse().unwrap_or_default();
        wanted = wanted.equal("request_id", id);
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
        "actor_email": entry.actor_email,
        "action": entry.action,
        "subject": entry.subject,
        "was": shown(entry.was.as_ref()),
        "became": shown(entry.became.as_ref()),
        "request_id": entry.request_id,
        "source": entry.source,
        "revision": entry.revision,
    })
}

/// Returns what a thing was or became, a member a line.
fn shown(value: Option<&Value>) -> Option<String> {
    value.and_then(|value| serde_json::to_string_pretty(value).ok())
}

fn message(message: &Message) -> Value {
    json!({
        "id": message.id,
        "recipient": message.recipient,
        "template": message.template,
        "link": message.content.get("link"),
        "created_at": message.created_at,
        "state": state(message),
        "sent_at": message.sent_at,
        "attempts": message.attempts,
        "next_attempt_at": message.due_at,
        "last_error": message.last_error,
        "given_up_at": message.given_up_at,
    })
}

/// Says how a mail stands, in the template's words.
fn state(message: &Message) -> &'static str {
    match (message.sent_at, message.given_up_at, message.due_at) {
        (Some(_), ..) => "sent",
        (None, Some(_), _) => "given-up",
        (None, None, None) => "withdrawn",
        (None, None, Some(_)) if message.last_error.is_some() => "again",
        (None, None, Some(_)) => "waiting",
    }
}
