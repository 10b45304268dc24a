//! Who did what: one entry for each write.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::access::Actor;
use crate::domain::timestamp::Timestamp;
use crate::storage::list::{Field, Kind, Select};
use crate::storage::row::moment;
use crate::storage::{Connection, Deed, List, Result, Wanted};

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

/// What the audit may be asked by.
const FIELDS: &[Field] = &[
    Field {
        name: "at",
        column: "at",
        kind: Kind::Moment,
    },
    Field {
        name: "actor_kind",
        column: "actor_kind",
        kind: Kind::Text("actor_kind"),
    },
    Field {
        name: "actor_id",
        column: "actor_id",
        kind: Kind::Id,
    },
    Field {
        name: "action",
        column: "action",
        kind: Kind::Text("action"),
    },
    Field {
        name: "subject_id",
        column: "subject_id",
        kind: Kind::Text("subject_id"),
    },
];

/// Lists writes, the latest first unless another order is wanted.
pub async fn list(connection: &mut Connection, wanted: &Wanted) -> Result<List<AuditEntry>> {
    Select::new("*", "audit", "write desc")
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, entry)
        .await
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

fn entry(row: &AnyRow) -> Result<AuditEntry> {
    Ok(AuditEntry {
        number: row.try_get("write")?,
        at: moment(row, "at")?,
        actor_kind: row.try_get("actor_kind")?,
        actor_id: row.try_get("actor_id")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject_id")?,
        revision: row.try_get("revision")?,
    })
}
