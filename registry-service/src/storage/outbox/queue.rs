//! Sending what is in the outbox: claimed by one replica at a time, and settled.
//!
//! Neither is an audited write: nobody decides by it. A replica that dies while it sends leaves a mail
//! that is due again when its claim is over, and may be sent twice; its id is the same then.

use std::sync::Arc;

use sqlx::Row as _;
use sqlx::any::AnyRow;
use tokio::sync::Notify;

use crate::domain::timestamp::Timestamp;
use crate::storage::outbox::{Message, message};
use crate::storage::{Result, Storage};

/// How long a claim holds: longer than any mail server is waited for.
const CLAIM_MS: i64 = 5 * 60 * 1000;

/// How long mails are remembered.
const RETENTION_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// A mail to be sent, and how often that was tried, this time included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The mail.
    pub message: Message,
    /// How often.
    pub attempts: i64,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The server took it.
    Sent,
    /// It did not work, and is tried again.
    Again {
        /// When.
        at: Timestamp,
        /// Why it did not work.
        error: String,
    },
    /// It did not work, and nobody tries any more.
    GivenUp {
        /// Why.
        error: String,
    },
}

/// How many mails wait, and how many were given up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// To be sent, or to be tried again.
    pub waiting: i64,
    /// Nobody tries any more.
    pub given_up: i64,
}

// === impl Storage ===

impl Storage {
    /// Returns what wakes whoever sends mails when one is written here; those that other replicas write
    /// are found by looking.
    pub fn mail_news(&self) -> Arc<Notify> {
        Arc::clone(&self.mail)
    }

    /// Claims a mail that is due, so that no other replica sends it.
    pub async fn claim_mail(&self, now: Timestamp) -> Result<Option<Claimed>> {
        let mut transaction = self.begin_to_change().await?;
        // PostgreSQL looks at the condition again once another replica's claim is committed.
        let row = sqlx::query(
            "update outbox_message set attempts = attempts + 1, due_at = $1 \
             where due_at <= $2 and message_id = (select message_id from outbox_message \
             where due_at <= $2 order by due_at, message_id limit 1) returning *",
        )
        .bind(now.plus_ms(CLAIM_MS).0)
        .bind(now.0)
        .fetch_optional(&mut *transaction)
        .await?;
        transaction.commit().await?;
        row.as_ref().map(claimed).transpose()
    }

    /// Keeps what came of an attempt. A mail that was sent says nothing any more: its link is with whom
    /// it was for.
    pub async fn settle_mail(
        &self,
        claimed: &Claimed,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<()> {
        let (sent_at, due_at, given_up_at, error) = match attempt {
            Attempt::Sent => (Some(now.0), None, None, None),
            Attempt::Again { at, error } => (None, Some(at.0), None, Some(error)),
            Attempt::GivenUp { error } => (None, None, Some(now.0), Some(error)),
        };
        let mut transaction = self.begin_to_change().await?;
        // One that was withdrawn while it was being sent stays withdrawn.
        sqlx::query(
            "update outbox_message set sent_at = $1, \
             due_at = case when content = '{}' then null else cast($2 as bigint) end, \
             given_up_at = $3, last_error = $4, \
             content = case when cast($1 as bigint) is null then content else '{}' end \
             where message_id = $5 and attempts = $6",
        )
        .bind(sent_at)
        .bind(due_at)
        .bind(given_up_at)
        .bind(error)
        .bind(claimed.message.id.to_string())
        .bind(claimed.attempts)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Forgets mails that were written long ago, sent or not.
    pub async fn forget_mails(&self, now: Timestamp) -> Result<()> {
        let mut transaction = self.begin_to_change().await?;
        sqlx::query("delete from outbox_message where created_at < $1")
            .bind(now.plus_ms(-RETENTION_MS).0)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Counts the mails that were not sent.
    pub async fn outbox_depth(&self) -> Result<Depth> {
        let row = sqlx::query(
            "select count(due_at) as waiting, count(given_up_at) as given_up \
             from outbox_message where sent_at is null",
        )
        .fetch_one(&mut *self.pool.acquire().await?)
        .await?;
        Ok(Depth {
            waiting: row.try_get("waiting")?,
            given_up: row.try_get("given_up")?,
        })
    }
}

fn claimed(row: &AnyRow) -> Result<Claimed> {
    Ok(Claimed {
        message: message(row)?,
        attempts: row.try_get("attempts")?,
    })
}
