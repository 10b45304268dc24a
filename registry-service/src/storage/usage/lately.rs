//! What gateways reported lately of known keys that were refused, and of one key at one service.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::id::{ApplicationId, CredentialId, ServiceId};
use crate::domain::timestamp::Timestamp;
use crate::storage::row::{moment, parsed};
use crate::storage::{Connection, Result, StorageError};

/// A known key that was refused at a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The credential.
    pub credential: CredentialId,
    /// Its name.
    pub display_name: String,
    /// Whose it is.
    pub application: ApplicationId,
    /// The application's name.
    pub application_name: String,
    /// Where.
    pub service: ServiceId,
    /// The service's name.
    pub service_name: String,
    /// With which status.
    pub status: u16,
    /// How often.
    pub requests: i64,
    /// In the span that began then for the last time.
    pub last_at: Timestamp,
}

/// How often clients saw a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The status; 0 if the client left before.
    pub status: u16,
    /// How often.
    pub requests: i64,
}

/// Lists keys that were answered 401 or 403 since a moment and that are still there, the last one
/// first.
pub async fn refused(
    connection: &mut Connection,
    since: Timestamp,
    most: i64,
) -> Result<Vec<Refused>> {
    let rows = sqlx::query(
        "select u.credential_id, c.display_name, u.application_id, a.name as application_name, \
         u.service_id, s.name as service_name, u.status, \
         cast(sum(u.requests) as bigint) as requests, max(u.began_at) as last_at \
         from usage u join credential c on c.credential_id = u.credential_id \
         join application a on a.application_id = u.application_id \
         join service s on s.service_id = u.service_id \
         where u.began_at >= $1 and u.status in (401, 403) \
         group by u.credential_id, c.display_name, u.application_id, a.name, u.service_id, s.name, \
         u.status order by max(u.began_at) desc, s.name, a.name, u.credential_id limit $2",
    )
    .bind(since.0)
    .bind(most)
    .fetch_all(connection)
    .await?;
    rows.iter().map(of_row).collect()
}

/// Lists which statuses a key was answered with at a service since a moment, by status.
pub async fn answered(
    connection: &mut Connection,
    (credential, service): (CredentialId, ServiceId),
    since: Timestamp,
) -> Result<Vec<Answered>> {
    let rows = sqlx::query(
        "select status, cast(sum(requests) as bigint) as requests from usage \
         where credential_id = $1 and service_id = $2 and began_at >= $3 \
         group by status order by status",
    )
    .bind(credential.to_string())
    .bind(service.to_string())
    .bind(since.0)
    .fetch_all(connection)
    .await?;
    let answered = |row: &AnyRow| {
        Ok(Answered {
            status: status(row)?,
            requests: row.try_get("requests")?,
        })
    };
    rows.iter().map(answered).collect()
}

fn of_row(row: &AnyRow) -> Result<Refused> {
    Ok(Refused {
        credential: parsed(row, "credential_id")?,
        display_name: row.try_get("display_name")?,
        application: parsed(row, "application_id")?,
        application_name: row.try_get("application_name")?,
        service: parsed(row, "service_id")?,
        service_name: row.try_get("service_name")?,
        status: status(row)?,
        requests: row.try_get("requests")?,
        last_at: moment(row, "last_at")?,
    })
}

fn status(row: &AnyRow) -> Result<u16> {
    let status: i64 = row.try_get("status")?;
    let column = "status";
    u16::try_from(status).map_err(|_| StorageError::Corrupt { column })
}
