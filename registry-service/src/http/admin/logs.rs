//! `/admin/v1/outbox` and `/admin/v1/audit`: what was mailed, and what was done.

use serde::Serialize;
use serde_json::Value;

use crate::administration;
use crate::domain::id::MessageId;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Asked, Caller};
use crate::http::paging::Listed;
use crate::storage::audit::AuditEntry;
use crate::storage::outbox::Message;

/// A mail on the wire: without a mail server an administrator passes its link on.
#[derive(Debug, Serialize)]
pub(super) struct Mail {
    id: MessageId,
    recipient: String,
    template: String,
    content: Value,
    created_at: Timestamp,
    sent_at: Option<Timestamp>,
}

/// A write on the wire.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    number: i64,
    at: Timestamp,
    actor_kind: String,
    actor_id: Option<String>,
    action: String,
    subject_id: String,
    revision: i64,
}

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

fn mail(message: Message) -> Mail {
    Mail {
        id: message.id,
        recipient: message.recipient,
        template: message.template,
        content: message.content,
        created_at: message.created_at,
        sent_at: message.sent_at,
    }
}

fn entry(entry: AuditEntry) -> Entry {
    Entry {
        number: entry.number,
        at: entry.at,
        actor_kind: entry.actor_kind,
        actor_id: entry.actor_id,
        action: entry.action,
        subject_id: entry.subject,
        revision: entry.revision,
    }
}
