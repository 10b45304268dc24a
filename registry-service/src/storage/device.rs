//! Browsers that developers have logged in with before.

use keystile_protocol::key::KeyDigest;

use crate::domain::id::DeveloperId;
use crate::domain::timestamp::Timestamp;
use crate::storage::{Result, Storage, Write};

/// How many browsers of a developer are remembered; the one that has been away longest is forgotten first.
const MOST_DEVICES: i64 = 20;

// === impl Storage ===

impl Storage {
    /// Whether a device was a developer's, and still is.
    pub async fn is_known_device(
        &self,
        digest: KeyDigest,
        developer: DeveloperId,
        now: Timestamp,
    ) -> Result<bool> {
        let row = sqlx::query(
            "select developer_id from device \
             where digest = $1 and developer_id = $2 and expires_at > $3",
        )
        .bind(digest.to_string())
        .bind(developer.to_string())
        .bind(now.0)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.is_some())
    }
}

/// Remembers a developer's device until a time, whether it is new or known.
pub async fn remember(
    write: &mut Write,
    developer: DeveloperId,
    (digest, expires_at): (KeyDigest, Timestamp),
) -> Result<()> {
    let now = write.now.0;
    sqlx::query(
        "insert into device (digest, developer_id, created_at, expires_at) \
         values ($1, $2, $3, $4) on conflict (digest) do update set expires_at = excluded.expires_at",
    )
    .bind(digest.to_string())
    .bind(developer.to_string())
    .bind(now)
    .bind(expires_at.0)
    .execute(&mut **write)
    .await?;
    sqlx::query(
        "delete from device where developer_id = $1 and (expires_at <= $2 or digest in \
         (select digest from device where developer_id = $1 \
          order by expires_at desc, digest limit 1000 offset $3))",
    )
    .bind(developer.to_string())
    .bind(now)
    .bind(MOST_DEVICES)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Forgets every device of a developer.
pub async fn forget_all(write: &mut Write, developer: DeveloperId) -> Result<()> {
    sqlx::query("delete from device where developer_id = $1")
        .bind(developer.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}
