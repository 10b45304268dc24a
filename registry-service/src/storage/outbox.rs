//! Mails, sent or not.
//!
//! The one place that holds a link in the clear: somebody has to read it. It is emptied when the mail
//! was sent, or the link is used or replaced. [`queue`] is how mails are sent.

mod queue;

use std::fmt;

use serde_json::Value;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::id::MessageId;
use crate::domain::mail::MailTemplate;
use crate::domain::text::Email;
use crate::domain::timestamp::Timestamp;
use crate::storage::list::{Field, Kind, Select};
use crate::storage::row::{json, moment, moment_or_none, parsed, to_json};
use crate::storage::{Connection, List, Result, Wanted, Write};

pub use queue::{Attempt, Claimed, Depth};

/// A mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Identifies it.
    pub id: MessageId,
    /// To whom.
    pub recipient: String,
    /// Which mail it is, by the name of Konnect's template.
    pub template: String,
    /// What the template needs.
    pub content: Value,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// How often that was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub due_at: Option<Timestamp>,
    /// What the last attempt failed with.
    pub last_error: Option<String>,
    /// When nobody tried any more.
    pub given_up_at: Option<Timestamp>,
}

/// A mail that was just written.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// Identifies it.
    pub id: MessageId,
    /// To whom.
    pub recipient: Email,
    /// Which mail it is.
    pub template: MailTemplate,
    /// What the template needs.
    pub content: Value,
}

// === impl Message ===

impl Message {
    /// Takes out what only its recipient may read.
    pub fn withhold_link(&mut self) {
        if let Some(content) = self.content.as_object_mut() {
            content.remove("link");
        }
    }
}

/// What a mail says may be a link that lets its reader in.
impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Message")
            .field("id", &self.id)
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

// === impl Draft ===

impl fmt::Debug for Draft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Draft")
            .field("id", &self.id)
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

/// What lists of mails may be asked by.
const FIELDS: &[Field] = &[
    Field::named("id", "message_id", Kind::Id),
    Field::column("recipient", Kind::Text("lower(recipient)")),
    Field::column("template", Kind::Text("template")),
    Field::column("created_at", Kind::Moment),
    Field::column("sent_at", Kind::Moment),
    Field::column("given_up_at", Kind::Moment),
];

/// Lists mails, the latest first unless another order is wanted.
pub async fn list(connection: &mut Connection, wanted: &Wanted) -> Result<List<Message>> {
    Select::new("*", "outbox_message", "created_at desc, message_id")
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, message)
        .await
}

/// Adds a mail, to be sent once the write has come true.
pub async fn add(write: &mut Write, message: &Draft) -> Result<()> {
    sqlx::query(
        "insert into outbox_message (message_id, recipient, template, content, created_at, due_at) \
         values ($1, $2, $3, $4, $5, $5)",
    )
    .bind(message.id.to_string())
    .bind(message.recipient.as_str())
    .bind(message.template.name())
    .bind(to_json(&message.content, "content")?)
    .bind(write.now.0)
    .execute(&mut **write)
    .await?;
    write.mailed();
    Ok(())
}

/// Empties every mail of a kind to an address: its link has been used or replaced.
pub async fn empty(write: &mut Write, recipient: &Email, template: MailTemplate) -> Result<()> {
    sqlx::query(
        "update outbox_message set content = '{}', due_at = null \
         where recipient = $1 and template = $2 and content <> '{}'",
    )
    .bind(recipient.as_str())
    .bind(template.name())
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Empties every mail to an address: whoever it was for is gone.
pub async fn empty_all(write: &mut Write, recipient: &Email) -> Result<()> {
    sqlx::query("update outbox_message set content = '{}', due_at = null where recipient = $1")
        .bind(recipient.as_str())
        .execute(&mut **write)
        .await?;
    Ok(())
}

fn message(row: &AnyRow) -> Result<Message> {
    Ok(Message {
        id: parsed(row, "message_id")?,
        recipient: row.try_get("recipient")?,
        template: row.try_get("template")?,
        content: json(row, "content")?,
        created_at: moment(row, "created_at")?,
        sent_at: moment_or_none(row, "sent_at")?,
        attempts: row.try_get("attempts")?,
        due_at: moment_or_none(row, "due_at")?,
        last_error: row.try_get("last_error")?,
        given_up_at: moment_or_none(row, "given_up_at")?,
    })
}
