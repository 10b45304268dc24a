//! Who did what: one entry for each write.

use serde_json::Value;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::access::Actor;
use crate::domain::id::AdminId;
use crate::domain::timestamp::Timestamp;
use crate::storage::list::{Field, Kind, Select};
use crate::storage::row::{json_or_none, moment, parsed_or_none};
use crate::storage::{Connection, Deed, List, Origin, Result, Wanted};

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
    /// What kind of actor: `operator`, `token`, `admin`, `developer` or `registry`.
    pub actor_kind: String,
    /// The token's, the administrator's or the developer's id.
    pub actor_id: Option<String>,
    /// The administrator who acted, on a page or through a token.
    pub admin: Option<AdminId>,
    /// The address of whoever acted, if they still have an account.
    pub actor_email: Option<String>,
    /// What, such as `application.add`.
    pub action: String,
    /// The id of what it was done to.
    pub subject: String,
    /// What changed of it, as it was; none if it was not there.
    pub was: Option<Value>,
    /// What changed of it, as it became; none if it is no more.
    pub became: Option<Value>,
    /// The request that asked for it.
    pub request_id: Option<String>,
    /// The address the request came from.
    pub source: Option<String>,
    /// The newest revision after it.
    pub revision: i64,
}

const COLUMNS: &str = "u.*, coalesce(a.email, d.email) as actor_email";

const FROM: &str = "audit u left join admin a on a.admin_id = u.admin_id \
    left join developer d on u.actor_kind = 'developer' and d.developer_id = u.actor_id";

/// What the audit may be asked by.
const FIELDS: &[Field] = &[
    Field::named("at", "u.at", Kind::Moment),
    Field::named(
        "actor_kind",
        "u.actor_kind",
        Kind::Name(&["operator", "token", "admin", "developer", "registry"]),
    ),
    Field::named("actor_id", "u.actor_id", Kind::Id),
    Field::named("admin_id", "u.admin_id", Kind::Id),
    Field::named(
        "actor_email",
        "coalesce(a.email_key, d.email_key)",
        Kind::Text("coalesce(a.email_key, d.email_key)"),
    ),
    Field::named("action", "u.action", Kind::Text("u.action")),
    Field::named("subject_id", "u.subject_id", Kind::Text("u.subject_id")),
    Field::named("request_id", "u.request_id", Kind::Id),
    Field::named("source", "u.source", Kind::Text("u.source")),
];

/// Lists writes, the latest first unless another order is wanted.
pub async fn list(connection: &mut Connection, wanted: &Wanted) -> Result<List<AuditEntry>> {
    Select::new(COLUMNS, FROM, "u.write desc")
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, entry)
        .await
}

pub(super) async fn add(connection: &mut Connection, entry: &Entry) -> Result<()> {
    let (kind, id, admin) = match entry.actor {
        Actor::Operator => ("operator", None, None),
        Actor::Token(id) => ("token", Some(id.to_string()), None),
        Actor::Admin(id) => ("admin", Some(id.to_string()), Some(id.to_string())),
        Actor::Developer(id) => ("developer", Some(id.to_string()), None),
        Actor::Registry => ("registry", None, None),
    };
    let (was, became) = entry.deed.difference();
    let origin = Origin::current();
    sqlx::query(
        "insert into audit (write, at, actor_kind, actor_id, admin_id, action, subject_id, was, \
         became, request_id, source, revision) values ($1, $2, $3, $4, \
         coalesce($5, (select admin_id from token where token_id = $4)), \
         $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(entry.number)
    .bind(entry.at.0)
    .bind(kind)
    .bind(id)
    .bind(admin)
    .bind(entry.deed.action)
    .bind(&entry.deed.subject)
    .bind(was)
    .bind(became)
    .bind(origin.request_id)
    .bind(origin.source.map(|address| address.to_string()))
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
        admin: parsed_or_none(row, "admin_id")?,
        actor_email: row.try_get("actor_email")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject_id")?,
        was: json_or_none(row, "was")?,
        became: json_or_none(row, "became")?,
        request_id: row.try_get("request_id")?,
        source: row.try_get("source")?,
        revision: row.try_get("revision")?,
    })
}
