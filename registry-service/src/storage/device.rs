//! Browsers that people have logged in with before.

use keystile_protocol::key::KeyDigest;
use sqlx::AssertSqlSafe;

use crate::domain::timestamp::Timestamp;
use crate::storage::session::Owner;
use crate::storage::{Result, Storage, Write};

/// How many browsers of somebody are remembered; the one that has been away longest is forgotten first.
const MOST_DEVICES: i64 = 20;

// === impl Storage ===

impl Storage {
    /// Whether a device was somebody's, and still is.
    pub async fn is_known_device<O: Owner>(
        &self,
        digest: KeyDigest,
        owner: O,
        now: Timestamp,
    ) -> Result<bool> {
        let text = format!(
            "select digest from device where digest = $1 and {} = $2 and expires_at > $3",
            O::COLUMN
        );
        let row = sqlx::query(AssertSqlSafe(text))
            .bind(digest.to_string())
            .bind(owner.to_string())
            .bind(now.0)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }
}

/// Remembers somebody's device until a time, whether it is new or known.
pub async fn remember<O: Owner>(
    write: &mut Write,
    owner: O,
    (digest, expires_at): (KeyDigest, Timestamp),
) -> Result<()> {
    let now = write.now.0;
    let column = O::COLUMN;
    let add = format!(
        "insert into device (digest, {column}, created_at, expires_at) \
         values ($1, $2, $3, $4) on conflict (digest) do update set expires_at = excluded.expires_at"
    );
    sqlx::query(AssertSqlSafe(add))
        .bind(digest.to_string())
        .bind(owner.to_string())
        .bind(now)
        .bind(expires_at.0)
        .execute(&mut **write)
        .await?;
    let forget = format!(
        "delete from device where {column} = $1 and (expires_at <= $2 or digest in \
         (select digest from device where {column} = $1 \
          order by expires_at desc, digest limit 1000 offset $3))"
    );
    sqlx::query(AssertSqlSafe(forget))
        .bind(owner.to_string())
        .bind(now)
        .bind(MOST_DEVICES)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Forgets every device of somebody.
pub async fn forget_all<O: Owner>(write: &mut Write, owner: O) -> Result<()> {
    let text = format!("delete from device where {} = $1", O::COLUMN);
    sqlx::query(AssertSqlSafe(text))
        .bind(owner.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}
