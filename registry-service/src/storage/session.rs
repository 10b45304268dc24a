//! Log-ins and their sessions; a secret is only ever looked up by its digest.
//!
//! Using a session is no deed: it is written without a place in the audit.

use std::fmt::Display;
use std::str::FromStr;

use keystile_protocol::key::KeyDigest;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use crate::domain::id::{AdminId, DeveloperId, LoginId};
use crate::domain::session::{Login, Session, SessionKind};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::storage::row::{moment, moment_or_none, parsed, parsed_or_none};
use crate::storage::{Connection, Result, Storage, Write};

/// Someone who logs in.
pub trait Owner: Copy + Display + FromStr {
    /// Where sessions say whose they are.
    const COLUMN: &'static str;
    /// What finds a session by digest and kind, if its owner may log in.
    const FIND: &'static str;
}

impl Owner for DeveloperId {
    const COLUMN: &'static str = "developer_id";
    const FIND: &'static str = "select s.* from session s \
        join developer o on o.developer_id = s.developer_id \
        where s.digest = $1 and s.kind = $2 and o.status = 'approved'";
}

impl Owner for AdminId {
    const COLUMN: &'static str = "admin_id";
    const FIND: &'static str = "select s.* from session s \
        join admin o on o.admin_id = s.admin_id where s.digest = $1 and s.kind = $2";
}

// === impl Storage ===

impl Storage {
    /// Reads the session whose secret has a digest, if it is live and its owner may log in.
    pub async fn find_live_session<O: Owner>(
        &self,
        digest: KeyDigest,
        kind: SessionKind,
        now: Timestamp,
    ) -> Result<Option<Session<O>>> {
        let mut connection = self.pool.acquire().await?;
        let session = find(&mut connection, digest, kind).await?;
        Ok(session.filter(|session| session.is_live(now)))
    }

    /// Reads the session of a page whose secret has a digest, and notes that it is used.
    pub async fn use_page_session<O: Owner>(
        &self,
        digest: KeyDigest,
        now: Timestamp,
    ) -> Result<Option<Session<O>>> {
        let kind = SessionKind::Page;
        let Some(session) = self.find_live_session::<O>(digest, kind, now).await? else {
            return Ok(None);
        };
        let Some(used) = session.after_use(now) else {
            return Ok(Some(session));
        };
        sqlx::query("update session set used_at = $1, expires_at = $2 where digest = $3")
            .bind(used.used_at.map(|moment| moment.0))
            .bind(used.expires_at.0)
            .bind(digest.to_string())
            .execute(&self.pool)
            .await?;
        Ok(Some(used))
    }
}

/// Reads the session whose secret has a digest, spent and expired ones too, if its owner may log in.
pub async fn find<O: Owner>(
    connection: &mut Connection,
    digest: KeyDigest,
    kind: SessionKind,
) -> Result<Option<Session<O>>> {
    let row = sqlx::query(O::FIND)
        .bind(digest.to_string())
        .bind(kind.name())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(session).transpose()
}

/// Lists the log-ins of somebody that are still good for something, the one used last first.
pub async fn logins<O: Owner>(
    connection: &mut Connection,
    owner: O,
    now: Timestamp,
) -> Result<Vec<Login>> {
    let text = format!(
        "select login_id, min(case when kind = 'page' then 'page' else 'access' end) as kind, \
         min(authenticated_at) as authenticated_at, min(created_at) as began_at, \
         max(coalesce(used_at, created_at)) as used_at, max(agent) as agent \
         from session where {} = $1 and expires_at > $2 and spent_at is null \
         group by login_id order by max(coalesce(used_at, created_at)) desc, login_id",
        O::COLUMN
    );
    let query = sqlx::query(AssertSqlSafe(text));
    let query = query.bind(owner.to_string()).bind(now.0);
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(login).collect()
}

/// Adds a session.
pub async fn add<O: Owner>(write: &mut Write, session: &Session<O>) -> Result<()> {
    let text = format!(
        "insert into session (digest, kind, login_id, {}, created_at, authenticated_at, \
         used_at, spent_at, expires_at, agent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        O::COLUMN
    );
    sqlx::query(AssertSqlSafe(text))
        .bind(session.digest.to_string())
        .bind(session.kind.name())
        .bind(session.login.to_string())
        .bind(session.owner.to_string())
        .bind(session.created_at.0)
        .bind(session.authenticated_at.0)
        .bind(session.used_at.map(|moment| moment.0))
        .bind(session.spent_at.map(|moment| moment.0))
        .bind(session.expires_at.0)
        .bind(session.agent.as_ref().map(Line::as_str))
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

/// Ends every log-in of somebody.
pub async fn end_all<O: Owner>(write: &mut Write, owner: O) -> Result<()> {
    let text = format!("delete from session where {} = $1", O::COLUMN);
    sqlx::query(AssertSqlSafe(text))
        .bind(owner.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Ends every log-in of somebody but one.
pub async fn end_others<O: Owner>(write: &mut Write, owner: O, kept: LoginId) -> Result<()> {
    let text = format!(
        "delete from session where {} = $1 and login_id <> $2",
        O::COLUMN
    );
    sqlx::query(AssertSqlSafe(text))
        .bind(owner.to_string())
        .bind(kept.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Forgets somebody's sessions that are worth nothing any more.
pub async fn forget_expired<O: Owner>(write: &mut Write, owner: O) -> Result<()> {
    let now = write.now.0;
    let text = format!(
        "delete from session where {} = $1 and expires_at <= $2",
        O::COLUMN
    );
    sqlx::query(AssertSqlSafe(text))
        .bind(owner.to_string())
        .bind(now)
        .execute(&mut **write)
        .await?;
    Ok(())
}

fn session<O: Owner>(row: &AnyRow) -> Result<Session<O>> {
    Ok(Session {
        digest: parsed(row, "digest")?,
        kind: parsed(row, "kind")?,
        login: parsed(row, "login_id")?,
        owner: parsed(row, O::COLUMN)?,
        created_at: moment(row, "created_at")?,
        authenticated_at: moment(row, "authenticated_at")?,
        used_at: moment_or_none(row, "used_at")?,
        spent_at: moment_or_none(row, "spent_at")?,
        expires_at: moment(row, "expires_at")?,
        agent: parsed_or_none(row, "agent")?,
    })
}

fn login(row: &AnyRow) -> Result<Login> {
    let kind: SessionKind = parsed(row, "kind")?;
    Ok(Login {
        id: parsed(row, "login_id")?,
        kind,
        // The sessions of the API come and go, but all say when the password was given; a page's
        // was made when its log-in began.
        began_at: match kind {
            SessionKind::Page => moment(row, "began_at")?,
            SessionKind::Access | SessionKind::Refresh => moment(row, "authenticated_at")?,
        },
        used_at: moment(row, "used_at")?,
        agent: parsed_or_none(row, "agent")?,
    })
}
