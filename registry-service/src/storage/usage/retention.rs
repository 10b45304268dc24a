//! How long what was counted is kept, and how finely.

use crate::domain::timestamp::Timestamp;
use crate::storage::{Connection, Result, Storage};

/// How long use is remembered: the portal API asks for 90 days at most.
pub const RETENTION_MS: i64 = 90 * DAY_MS;

/// How long it is remembered by spans of five minutes.
pub const FINE_MS: i64 = DAY_MS + HOUR_MS;

/// How long after its last report a virtual machine may still send it again.
const REPORTS_MS: i64 = DAY_MS;

/// How long the spans are that it is remembered by after that.
pub const COARSE_SPAN_MS: i64 = HOUR_MS;

const DAY_MS: i64 = 24 * HOUR_MS;
const HOUR_MS: i64 = 60 * 60 * 1000;

// === impl Storage ===

impl Storage {
    /// Forgets what is too old, and the details of what is older than a day.
    pub async fn forget_usage(&self, now: Timestamp) -> Result<()> {
        let mut transaction = self.begin_to_change().await?;
        forget(&mut transaction, now).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Forgets what is too old, and the details of what is older than a day.
pub async fn forget(connection: &mut Connection, now: Timestamp) -> Result<()> {
    let fine_since = now.plus_ms(-FINE_MS).0.div_euclid(HOUR_MS) * HOUR_MS;
    sqlx::query(
        "insert into usage (began_at, span_ms, credential_id, application_id, service_id, \
         product_version_id, status, latency, requests) \
         select u.began_at - u.began_at % $1, cast($1 as bigint), u.credential_id, \
         max(u.application_id), u.service_id, max(u.product_version_id), u.status, u.latency, \
         cast(sum(u.requests) as bigint) \
         from usage u where u.span_ms < $1 and u.began_at < $2 \
         group by u.began_at - u.began_at % $1, u.credential_id, u.service_id, u.status, u.latency \
         on conflict (began_at, span_ms, credential_id, service_id, status, latency) \
         do update set requests = usage.requests + excluded.requests",
    )
    .bind(HOUR_MS)
    .bind(fine_since)
    .execute(&mut *connection)
    .await?;
    sqlx::query("delete from usage where (span_ms < $1 and began_at < $2) or began_at < $3")
        .bind(HOUR_MS)
        .bind(fine_since)
        .bind(now.plus_ms(-RETENTION_MS).0)
        .execute(&mut *connection)
        .await?;
    sqlx::query("delete from usage_report where reported_at < $1")
        .bind(now.plus_ms(-REPORTS_MS).0)
        .execute(connection)
        .await?;
    Ok(())
}
