//! What somebody typed before they had to log in again: it waits with their session for one page.
//!
//! It is no deed: it has no place in the audit, and ends with the session at the latest.

use keystile_protocol::key::KeyDigest;
use sqlx::Row as _;

use crate::domain::timestamp::Timestamp;
use crate::storage::{Result, Storage};

// === impl Storage ===

impl Storage {
    /// Keeps the path of a page and the fields of its form with a session, instead of those that
    /// waited there.
    pub async fn keep_form(
        &self,
        session: KeyDigest,
        (path, fields): (&str, &str),
        now: Timestamp,
    ) -> Result<()> {
        sqlx::query(
            "insert into kept_form (digest, path, fields, kept_at) values ($1, $2, $3, $4) \
             on conflict (digest) do update set path = excluded.path, \
             fields = excluded.fields, kept_at = excluded.kept_at",
        )
        .bind(session.to_string())
        .bind(path)
        .bind(fields)
        .bind(now.0)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes the path and the fields that wait with a session.
    pub async fn take_kept_form(&self, session: KeyDigest) -> Result<Option<(String, String)>> {
        let row = sqlx::query("delete from kept_form where digest = $1 returning path, fields")
            .bind(session.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok((row.try_get("path")?, row.try_get("fields")?)))
            .transpose()
    }
}
