//! Addresses that developers want instead of theirs, until the mailed link is followed.

use keystile_protocol::key::KeyDigest;
use sqlx::any::AnyRow;

use crate::domain::id::DeveloperId;
use crate::domain::text::Email;
use crate::domain::timestamp::Timestamp;
use crate::storage::row::{found_by, moment, parsed};
use crate::storage::{Connection, Result, Write};

/// An address a developer wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailChange {
    /// Who.
    pub developer: DeveloperId,
    /// What stands in for the secret of the link.
    pub digest: KeyDigest,
    /// The address.
    pub email: Email,
    /// When the link stops working.
    pub expires_at: Timestamp,
}

/// Reads the change whose link's secret has a digest, expired ones too.
pub async fn find(connection: &mut Connection, digest: KeyDigest) -> Result<Option<EmailChange>> {
    let text = "select * from email_change where digest = $1";
    found_by(connection, (text, digest.to_string()), change).await
}

/// Reads the change a developer asked for last.
pub async fn of(
    connection: &mut Connection,
    developer: DeveloperId,
) -> Result<Option<EmailChange>> {
    let text = "select * from email_change where developer_id = $1";
    found_by(connection, (text, developer.to_string()), change).await
}

/// Adds a change; the developer must have none.
pub async fn add(write: &mut Write, change: &EmailChange) -> Result<()> {
    let now = write.now.0;
    sqlx::query(
        "insert into email_change (developer_id, digest, email, created_at, expires_at) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(change.developer.to_string())
    .bind(change.digest.to_string())
    .bind(change.email.as_str())
    .bind(now)
    .bind(change.expires_at.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Removes the change a developer asked for.
pub async fn remove(write: &mut Write, developer: DeveloperId) -> Result<()> {
    sqlx::query("delete from email_change where developer_id = $1")
        .bind(developer.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

fn change(row: &AnyRow) -> Result<EmailChange> {
    Ok(EmailChange {
        developer: parsed(row, "developer_id")?,
        digest: parsed(row, "digest")?,
        email: parsed(row, "email")?,
        expires_at: moment(row, "expires_at")?,
    })
}
