//! Credentials; a key is never here, only what stands in for it.

mod many;

use keystile_protocol::key::KeyDigest;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::change::Change;
use crate::domain::credential::{Credential, KeyHint};
use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::timestamp::Timestamp;
use crate::storage::list::{Field, Kind, Select};
use crate::storage::row::{moment, moment_or_none, parsed};
use crate::storage::{Connection, List, Result, StorageError, Wanted, Write};

pub use many::{add_many, owners, withdrawn_among};

/// What lists of credentials may be asked by.
const FIELDS: &[Field] = &[
    Field::named("id", "credential_id", Kind::Id),
    Field::column("display_name", Kind::Text("lower(display_name)")),
    Field::column("expires_at", Kind::Moment),
    Field::column("created_at", Kind::Moment),
    Field::column("updated_at", Kind::Moment),
];

/// Lists credentials of an application, the oldest first unless another order is wanted.
pub async fn list(
    connection: &mut Connection,
    application: ApplicationId,
    wanted: &Wanted,
) -> Result<List<Credential>> {
    Select::new("*", "credential", "created_at, credential_id")
        .equals("application_id", Some(application.to_string()))
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, credential)
        .await
}

/// Reads a credential of an application.
pub async fn lookup(
    connection: &mut Connection,
    application: ApplicationId,
    id: CredentialId,
) -> Result<Option<Credential>> {
    let row =
        sqlx::query("select * from credential where credential_id = $1 and application_id = $2")
            .bind(id.to_string())
            .bind(application.to_string())
            .fetch_optional(connection)
            .await?;
    row.as_ref().map(credential).transpose()
}

/// Reads a credential, whosever it is.
pub async fn find(connection: &mut Connection, id: CredentialId) -> Result<Option<Credential>> {
    let row = sqlx::query("select * from credential where credential_id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(credential).transpose()
}

/// Reads the credential whose key has a digest.
pub async fn find_by_digest(
    connection: &mut Connection,
    digest: KeyDigest,
) -> Result<Option<Credential>> {
    let row = sqlx::query("select * from credential where digest = $1")
        .bind(digest.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(credential).transpose()
}

/// Lists credentials by how their keys begin and end, the latest first; an empty beginning is any.
pub async fn find_by_hint(
    connection: &mut Connection,
    (prefix, last_four): (&str, &str),
    most: i64,
) -> Result<Vec<Credential>> {
    let rows = sqlx::query(
        "select * from credential where last_four = $1 and (prefix = $2 or $2 = '') \
         order by created_at desc, credential_id limit $3",
    )
    .bind(last_four.to_owned())
    .bind(prefix.to_owned())
    .bind(most)
    .fetch_all(connection)
    .await?;
    rows.iter().map(credential).collect()
}

/// Returns when the key with a digest was withdrawn, if it was.
pub async fn withdrawn_at(
    connection: &mut Connection,
    digest: KeyDigest,
) -> Result<Option<Timestamp>> {
    let row = sqlx::query("select spent_at from spent_key where digest = $1")
        .bind(digest.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(|row| moment(row, "spent_at")).transpose()
}

/// Counts the credentials of an application.
pub async fn count(connection: &mut Connection, application: ApplicationId) -> Result<i64> {
    let row = sqlx::query("select count(*) as total from credential where application_id = $1")
        .bind(application.to_string())
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("total")?)
}

/// Adds a credential, unless its key is another's or was withdrawn once.
pub async fn add(write: &mut Write, credential: &Credential) -> Result<()> {
    if withdrawn_at(write, credential.digest).await?.is_some() {
        return Err(StorageError::Duplicate);
    }
    sqlx::query(
        "insert into credential (credential_id, application_id, display_name, digest, prefix, \
         last_four, expires_at, suspended_at, created_at, updated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(credential.id.to_string())
    .bind(credential.application.to_string())
    .bind(credential.display_name.as_str())
    .bind(credential.digest.to_string())
    .bind(&credential.hint.prefix)
    .bind(&credential.hint.last_four)
    .bind(credential.expires_at.map(|end| end.0))
    .bind(credential.suspended_at.map(|at| at.0))
    .bind(credential.created_at.0)
    .bind(credential.updated_at.0)
    .execute(&mut **write)
    .await?;
    write.changed(Change::Credential(credential.id));
    Ok(())
}

/// Keeps a credential as it is now; its key is for good.
pub async fn update(write: &mut Write, credential: &Credential) -> Result<()> {
    sqlx::query(
        "update credential set display_name = $1, expires_at = $2, suspended_at = $3, \
         updated_at = $4 where credential_id = $5",
    )
    .bind(credential.display_name.as_str())
    .bind(credential.expires_at.map(|end| end.0))
    .bind(credential.suspended_at.map(|at| at.0))
    .bind(credential.updated_at.0)
    .bind(credential.id.to_string())
    .execute(&mut **write)
    .await?;
    write.changed(Change::Credential(credential.id));
    Ok(())
}

/// Removes a credential; its key never comes back.
pub async fn remove(write: &mut Write, id: CredentialId) -> Result<()> {
    let now = write.now.0;
    sqlx::query(
        "insert into spent_key (digest, spent_at) \
         select digest, cast($1 as bigint) from credential where credential_id = $2",
    )
    .bind(now)
    .bind(id.to_string())
    .execute(&mut **write)
    .await?;
    sqlx::query("delete from credential where credential_id = $1")
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    write.changed(Change::Credential(id));
    Ok(())
}

pub(super) async fn ids_of(
    connection: &mut Connection,
    application: ApplicationId,
) -> Result<Vec<CredentialId>> {
    let rows = sqlx::query("select credential_id from credential where application_id = $1")
        .bind(application.to_string())
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| parsed(row, "credential_id"))
        .collect()
}

/// Reads a credential of a row of the table.
pub(super) fn credential(row: &AnyRow) -> Result<Credential> {
    Ok(Credential {
        id: parsed(row, "credential_id")?,
        application: parsed(row, "application_id")?,
        display_name: parsed(row, "display_name")?,
        digest: parsed(row, "digest")?,
        hint: KeyHint {
            prefix: row.try_get("prefix")?,
            last_four: row.try_get("last_four")?,
        },
        expires_at: moment_or_none(row, "expires_at")?,
        suspended_at: moment_or_none(row, "suspended_at")?,
        last_used_at: moment_or_none(row, "last_used_at")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}
