//! What keys were used for, added up: gateways report it, statistics and "last used" read it.

mod lately;
mod names;
mod query;
mod retention;

use keystile_protocol::id::ServiceId;
use keystile_protocol::usage::{Count, LATENCY_BUCKETS, Latency, Report};

use crate::domain::id::CredentialId;
use crate::domain::timestamp::Timestamp;
use crate::storage::{Connection, Result, Storage};

pub use lately::{Answered, Refused, answered, refused};
pub use names::{Names, names};
pub use query::{Dimension, Figure, Filter, Question, Steps, Values, query};
pub use retention::{COARSE_SPAN_MS, FINE_MS, RETENTION_MS, forget};

/// How long the spans are that recent use is counted by.
pub const SPAN_MS: i64 = 5 * 60 * 1000;

/// A later use than the one noted is noted if it is this much later: with many gateways a key would
/// be written for each of their reports.
const LAST_USED_STEP_MS: i64 = 60 * 1000;

/// How far back a gateway's clock is believed; else it counts as now.
const OLDEST_USE_MS: i64 = 24 * 60 * 60 * 1000;

/// Whether a report was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// It was.
    Now,
    /// It had been before, or a later one of the same machine had.
    Before,
}

// === impl Storage ===

impl Storage {
    /// Counts what a gateway's virtual machine reports, unless it was counted before.
    ///
    /// Neither a revision nor an audit entry comes of it: nobody decides by it, and there is one
    /// every minute.
    pub async fn count_usage(&self, report: &Report, now: Timestamp) -> Result<Counted> {
        let mut transaction = self.begin_to_change().await?;
        if !is_next(&mut transaction, report, now).await? {
            return Ok(Counted::Before);
        }
        for count in &report.counts {
            add(&mut transaction, count, now).await?;
            note_last_use(&mut transaction, count, now).await?;
        }
        transaction.commit().await?;
        Ok(Counted::Now)
    }
}

/// Takes note of a report unless it, or a later one, has been noted.
async fn is_next(connection: &mut Connection, report: &Report, now: Timestamp) -> Result<bool> {
    let sequence = i64::try_from(report.sequence).unwrap_or(i64::MAX);
    let noted = sqlx::query(
        "insert into usage_report (gateway, vm, sequence, reported_at) values ($1, $2, $3, $4) \
         on conflict (gateway, vm) do update \
         set sequence = excluded.sequence, reported_at = excluded.reported_at \
         where usage_report.sequence < excluded.sequence",
    )
    .bind(&report.gateway)
    .bind(&report.vm)
    .bind(sequence)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() > 0)
}

async fn add(connection: &mut Connection, count: &Count, now: Timestamp) -> Result<()> {
    let began_at = believable(count, now).0.div_euclid(SPAN_MS) * SPAN_MS;
    for latency in &count.latencies {
        add_latency(connection, (count, latency), began_at).await?;
    }
    Ok(())
}

/// A credential that is gone by now is nobody's any more.
async fn add_latency(
    connection: &mut Connection,
    (count, latency): (&Count, &Latency),
    began_at: i64,
) -> Result<()> {
    let Count {
        credential,
        service,
        status,
        ..
    } = count;
    let bucket = usize::from(latency.bucket).min(LATENCY_BUCKETS - 1);
    sqlx::query(
        "insert into usage (began_at, span_ms, credential_id, application_id, service_id, \
         product_version_id, status, latency, requests) \
         select cast($1 as bigint), cast($2 as bigint), c.credential_id, c.application_id, \
         cast($3 as text), \
         (select s.product_version_id from service s where s.service_id = $3), \
         cast($4 as bigint), cast($5 as bigint), cast($6 as bigint) \
         from credential c where c.credential_id = $7 and cast($6 as bigint) > 0 \
         on conflict (began_at, span_ms, credential_id, service_id, status, latency) \
         do update set requests = usage.requests + excluded.requests",
    )
    .bind(began_at)
    .bind(SPAN_MS)
    .bind(ServiceId::to_string(service))
    .bind(i64::from(*status))
    .bind(i64::try_from(bucket).unwrap_or(i64::MAX))
    .bind(i64::from(latency.requests))
    .bind(CredentialId::to_string(credential))
    .execute(connection)
    .await?;
    Ok(())
}

async fn note_last_use(connection: &mut Connection, count: &Count, now: Timestamp) -> Result<()> {
    let used_at = believable(count, now).0;
    sqlx::query(
        "update credential set last_used_at = $1 where credential_id = $2 \
         and (last_used_at is null or last_used_at <= $3)",
    )
    .bind(used_at)
    .bind(count.credential.to_string())
    .bind(used_at.saturating_sub(LAST_USED_STEP_MS))
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns when a key was last used, by a clock that may be wrong.
fn believable(count: &Count, now: Timestamp) -> Timestamp {
    let used_at = Timestamp(count.last_ms);
    if used_at <= now && used_at >= now.plus_ms(-OLDEST_USE_MS) {
        used_at
    } else {
        now
    }
}
