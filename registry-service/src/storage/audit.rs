//! Who did what: one entry for each write.

use sqlx::Row as _;

use crate::domain::access::Actor;
use crate::domain::timestamp::Timestamp;
use crate::storage::row::moment;
use crate::storage::{Connection, Deed, List, Range, Result};

/// One write, as the audit keeps it.
#[derive(Debug)]
pub(super) struct Entry {
    /// How many writes there were with this one.
    pub(super) number: i64,
    /// When.
    pub(super) at: Timestamp,
    /// By whom.
    pub(super) actor: Actor,
    /// What.
    pub(super) deed: Deed,
    /// The newest revision after it.
    pub(super) revision: i64,
}

/// One write, as the audit shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// How many writes there were with this one; it orders them.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// What kind of actor: `operator`, `token`, `developer` or `registry`.
    pub actor_kind: String,
    /// The token's or the developer's id.
    pub actor_id: Option<String>,
    /// What, such as `application.add`.
    pub action: String,
    /// The id of what it was done to.
    pub subject: String,
    /// The newest revision after it.
    pub revision: i64,
}

/// Lists the writes, the latest first.
pub async fn list(connection: &mut Connection, range: Range) -> Result<List<AuditEntry>> {
    let rows = sqlx::query(
        "select write, at, actor_kind, actor_id, action, subject_id, revision \
         from audit order by write desc limit $1 offset $2",
    )
    .bind(range.limit)
    .bind(range.offset)
    .fetch_all(&mut *connection)
    .await?;
    let total = sqlx::query_scalar("select count(*) from audit")
        .fetch_one(connection)
        .await?;
    let entry = |row| {
        Ok(AuditEntry {
            number: sqlx::Row::try_get(row, "write")?,
            at: moment(row, "at")?,
            actor_kind: row.try_get("actor_kind")?,
            actor_id: row.try_get("actor_id")?,
            action: row.try_get("action")?,
            subject: row.try_get("subject_id")?,
            revision: row.try_get("revision")?,
        })
    };
    let items = rows.iter().map(entry).collect::<Result<_>>()?;
    Ok(List { items, total })
}

pub(super) async fn add(connection: &mut Connection, entry: &Entry) -> Result<()> {
    let (kind, id) = match entry.actor {
        Actor::Operator => ("operator", None),
        Actor::Token(id) => ("token", Some(id.to_string())),
        Actor::Developer(id) => ("developer", Some(id.to_string())),
        Actor::Registry => ("registry", None),
    };
    sqlx::query(
        "insert into audit (write, at, actor_kind, actor_id, action, subject_id, revision) \
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(entry.number)
    .bind(entry.at.0)
    .bind(kind)
    .bind(id)
    .bind(entry.deed.action)
    .bind(&entry.deed.subject)
    .bind(entry.revision)
    .execute(connection)
    .await?;
    Ok(())
}
