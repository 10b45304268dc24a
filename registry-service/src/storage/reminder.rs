//! Keys that end, and whether their developers were told.

use sqlx::any::AnyRow;

use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::name::named;
use crate::domain::text::{Email, Line};
use crate::domain::timestamp::Timestamp;
use crate::storage::row::{moment, parsed};
use crate::storage::{Connection, Result, Write};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How long before its end a key's developer is told, if the key is past half its life then.
const SOON_MS: i64 = 7 * DAY_MS;

/// How long after its end they are still told: nobody wants to hear of last year's.
const LATE_MS: i64 = 3 * DAY_MS;

/// How many are told of at a time.
const MOST: i64 = 100;

named! {
    /// What a developer is told about the end of a key.
    ReminderKind {
        /// It comes.
        Soon = "soon",
        /// It has come.
        Over = "over",
    }
}

/// A key whose developer is to be told of its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// The key's credential.
    pub credential: CredentialId,
    /// Its name.
    pub display_name: Line<255>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The application it is of.
    pub application: ApplicationId,
    /// Its name.
    pub application_name: Line<255>,
    /// Whom to tell.
    pub email: Email,
    /// Their name.
    pub full_name: Line<256>,
}

/// Lists keys whose developers were not told yet.
pub async fn due(
    connection: &mut Connection,
    kind: ReminderKind,
    now: Timestamp,
) -> Result<Vec<Reminder>> {
    let (after, until) = match kind {
        ReminderKind::Soon => (now, now.plus_ms(SOON_MS)),
        ReminderKind::Over => (now.plus_ms(-LATE_MS), now),
    };
    let rows = sqlx::query(
        "select c.credential_id, c.display_name, c.expires_at, a.application_id, \
         a.name as application_name, d.email, d.full_name \
         from credential c join application a on a.application_id = c.application_id \
         join developer d on d.developer_id = a.developer_id \
         where d.status = 'approved' and c.expires_at > $1 and c.expires_at <= $2 \
         and ($3 - c.created_at > c.expires_at - $3) \
         and not exists (select 1 from reminder r where r.credential_id = c.credential_id \
         and r.kind = $4 and r.expires_at = c.expires_at) \
         order by c.expires_at, c.credential_id limit $5",
    )
    .bind(after.0)
    .bind(until.0)
    .bind(now.0)
    .bind(kind.name())
    .bind(MOST)
    .fetch_all(connection)
    .await?;
    rows.iter().map(reminder).collect()
}

/// Notes that a key's developer was told.
pub async fn note(write: &mut Write, reminder: &Reminder, kind: ReminderKind) -> Result<()> {
    sqlx::query(
        "insert into reminder (credential_id, kind, expires_at, reminded_at) \
         values ($1, $2, $3, $4)",
    )
    .bind(reminder.credential.to_string())
    .bind(kind.name())
    .bind(reminder.expires_at.0)
    .bind(write.now.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

fn reminder(row: &AnyRow) -> Result<Reminder> {
    Ok(Reminder {
        credential: parsed(row, "credential_id")?,
        display_name: parsed(row, "display_name")?,
        expires_at: moment(row, "expires_at")?,
        application: parsed(row, "application_id")?,
        application_name: parsed(row, "application_name")?,
        email: parsed(row, "email")?,
        full_name: parsed(row, "full_name")?,
    })
}
