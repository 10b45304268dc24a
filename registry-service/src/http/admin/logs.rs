//! `/admin/v1/outbox` and `/admin/v1/audit`: what was mailed, and what was done.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::administration;
use crate::domain::id::{AdminId, MessageId};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Asked, Caller};
use crate::http::paging::Listed;
use crate::http::problem::Problem;
use crate::storage::audit::AuditEntry;
use crate::storage::outbox::Message;

/// What a file for spreadsheets is.
pub(in crate::http) const CSV: &str = "text/csv; charset=utf-8";

/// A mail on the wire: without a mail server an administrator passes its link on.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Mail {
    id: MessageId,
    recipient: String,
    template: String,
    content: Value,
    created_at: Timestamp,
    sent_at: Option<Timestamp>,
    attempts: i64,
    next_attempt_at: Option<Timestamp>,
    last_error: Option<String>,
    given_up_at: Option<Timestamp>,
}

/// A write on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Entry {
    number: i64,
    at: Timestamp,
    actor_kind: String,
    actor_id: Option<String>,
    admin_id: Option<AdminId>,
    actor_email: Option<String>,
    action: String,
    subject_id: String,
    was: Option<Value>,
    became: Option<Value>,
    request_id: Option<String>,
    source: Option<String>,
    revision: i64,
}

/// The audit as a file.
pub(in crate::http) struct AuditFile(String);

/// Lists the mails, the latest first.
pub(super) async fn outbox(Caller(acting): Caller, asked: Asked) -> Answer<Listed<Mail>> {
    let list = administration::outbox::list(&acting, &asked.wanted).await?;
    Ok(asked.answer(list, mail))
}

/// Lists the writes, the latest first.
pub(super) async fn audit(Caller(acting): Caller, asked: Asked) -> Answer<Listed<Entry>> {
    let list = administration::audit::list(&acting, &asked.wanted).await?;
    Ok(asked.answer(list, entry))
}

/// Lists the writes as a file (RFC 4180), the latest first, 10,000 at most.
pub(super) async fn audit_file(Caller(acting): Caller, asked: Asked) -> Result<AuditFile, Problem> {
    let text = administration::audit::export(&acting, asked.wanted).await?;
    Ok(AuditFile(text))
}

// === impl AuditFile ===

impl IntoResponse for AuditFile {
    fn into_response(self) -> Response {
        let headers = [
            (CONTENT_TYPE, CSV),
            (CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
        ];
        (headers, self.0).into_response()
    }
}

fn mail(message: Message) -> Mail {
    Mail {
        id: message.id,
        recipient: message.recipient,
        template: message.template,
        content: message.content,
        created_at: message.created_at,
        sent_at: message.sent_at,
        attempts: message.attempts,
        next_attempt_at: message.due_at,
        last_error: message.last_error,
        given_up_at: message.given_up_at,
    }
}

fn entry(entry: AuditEntry) -> Entry {
    Entry {
        number: entry.number,
        at: entry.at,
        actor_kind: entry.actor_kind,
        actor_id: entry.actor_id,
        admin_id: entry.admin,
        actor_email: entry.actor_email,
        action: entry.action,
        subject_id: entry.subject,
        was: entry.was,
        became: entry.became,
        request_id: entry.request_id,
        source: entry.source,
        revision: entry.revision,
    }
}
