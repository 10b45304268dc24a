//! Links that were mailed to developers; a secret is only ever looked up by its digest.

use keystile_protocol::key::KeyDigest;
use sqlx::any::AnyRow;

use crate::domain::id::DeveloperId;
use crate::domain::link::{Link, LinkPurpose};
use crate::storage::row::{moment, moment_or_none, parsed};
use crate::storage::{Connection, Result, Write};

/// Reads the link for a purpose whose secret has a digest, used and expired ones too.
pub async fn find(
    connection: &mut Connection,
    digest: KeyDigest,
    purpose: LinkPurpose,
) -> Result<Option<Link>> {
    let row = sqlx::query(
        "select * from one_time_link \
         where digest = $1 and purpose = $2 and developer_id is not null",
    )
    .bind(digest.to_string())
    .bind(purpose.name())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(link).transpose()
}

/// Adds a link.
pub async fn add(write: &mut Write, link: &Link) -> Result<()> {
    let now = write.now.0;
    sqlx::query(
        "insert into one_time_link (digest, purpose, developer_id, created_at, expires_at) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(link.digest.to_string())
    .bind(link.purpose.name())
    .bind(link.developer.to_string())
    .bind(now)
    .bind(link.expires_at.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Uses up every link a developer has for a purpose: the one that was followed, and others that
/// were sent before or since.
pub async fn spend_all(
    write: &mut Write,
    developer: DeveloperId,
    purpose: LinkPurpose,
) -> Result<()> {
    let now = write.now.0;
    sqlx::query(
        "update one_time_link set used_at = $1 \
         where developer_id = $2 and purpose = $3 and used_at is null",
    )
    .bind(now)
    .bind(developer.to_string())
    .bind(purpose.name())
    .execute(&mut **write)
    .await?;
    Ok(())
}

fn link(row: &AnyRow) -> Result<Link> {
    Ok(Link {
        digest: parsed(row, "digest")?,
        purpose: parsed(row, "purpose")?,
        developer: parsed(row, "developer_id")?,
        expires_at: moment(row, "expires_at")?,
        used_at: moment_or_none(row, "used_at")?,
    })
}
