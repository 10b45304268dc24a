//! Log-ins and their sessions; a secret is only ever looked up by its digest.

use keystile_protocol::key::KeyDigest;
use sqlx::any::AnyRow;

use crate::domain::developer::DeveloperStatus;
use crate::domain::id::{DeveloperId, LoginId};
use crate::domain::session::{Session, SessionKind};
use crate::domain::timestamp::Timestamp;
use crate::storage::row::{moment, moment_or_none, parsed};
use crate::storage::{Connection, Result, Storage, Write};

// === impl Storage ===

impl Storage {
    /// Reads the session whose secret has a digest, if it is live and its developer may log in.
    pub async fn find_live_session(
        &self,
        digest: KeyDigest,
        kind: SessionKind,
        now: Timestamp,
    ) -> Result<Option<Session>> {
        let mut connection = self.pool.acquire().await?;
        let session = find(&mut connection, digest, kind).await?;
        Ok(session.filter(|session| session.is_live(now)))
    }
}

/// Reads the session whose secret has a digest, spent and expired ones too, if its developer may
/// log in.
pub async fn find(
    connection: &mut Connection,
    digest: KeyDigest,
    kind: SessionKind,
) -> Result<Option<Session>> {
    let row = sqlx::query(
        "select s.* from session s join developer d on d.developer_id = s.developer_id \
         where s.digest = $1 and s.kind = $2 and d.status = $3",
    )
    .bind(digest.to_string())
    .bind(kind.name())
    .bind(DeveloperStatus::Approved.name())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(session).transpose()
}

/// Adds a session.
pub async fn add(write: &mut Write, session: &Session) -> Result<()> {
    sqlx::query(
        "insert into session (digest, kind, login_id, developer_id, created_at, authenticated_at, \
         spent_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(session.digest.to_string())
    .bind(session.kind.name())
    .bind(session.login.to_string())
    .bind(session.developer.to_string())
    .bind(session.created_at.0)
    .bind(session.authenticated_at.0)
    .bind(session.spent_at.map(|moment| moment.0))
    .bind(session.expires_at.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Notes that a session was exchanged for another.
pub async fn spend(write: &mut Write, digest: KeyDigest) -> Result<()> {
    let now = write.now.0;
    sqlx::query("update session set spent_at = $1 where digest = $2")
        .bind(now)
        .bind(digest.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Ends a log-in: none of its sessions is worth anything from here on.
pub async fn end_login(write: &mut Write, login: LoginId) -> Result<()> {
    sqlx::query("delete from session where login_id = $1")
        .bind(login.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Ends every log-in of a developer.
pub async fn end_all(write: &mut Write, developer: DeveloperId) -> Result<()> {
    sqlx::query("delete from session where developer_id = $1")
        .bind(developer.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Forgets a developer's sessions that are worth nothing any more.
pub async fn forget_expired(write: &mut Write, developer: DeveloperId) -> Result<()> {
    let now = write.now.0;
    sqlx::query("delete from session where developer_id = $1 and expires_at <= $2")
        .bind(developer.to_string())
        .bind(now)
        .execute(&mut **write)
        .await?;
    Ok(())
}

fn session(row: &AnyRow) -> Result<Session> {
    Ok(Session {
        digest: parsed(row, "digest")?,
        kind: parsed(row, "kind")?,
        login: parsed(row, "login_id")?,
        developer: parsed(row, "developer_id")?,
        created_at: moment(row, "created_at")?,
        authenticated_at: moment(row, "authenticated_at")?,
        spent_at: moment_or_none(row, "spent_at")?,
        expires_at: moment(row, "expires_at")?,
    })
}
