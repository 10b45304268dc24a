//! How everything is read in one piece and changed in one piece.
//!
//! A write is a transaction that ends with its audit entry and the revisions of what it changed.
//! It begins by updating the one row of `registry`, so writers take turns on every database: what a
//! write has read stays true until it commits, and revisions are committed in their order.

use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use keystile_protocol::id::Epoch;
use sqlx::{Any, Row as _, Transaction};
use tokio::sync::{Notify, watch};

use crate::domain::access::Actor;
use crate::domain::change::Change;
use crate::domain::timestamp::Timestamp;
use crate::storage::audit::{self, Entry};
use crate::storage::feed::Position;
use crate::storage::open::Engine;
use crate::storage::row::parsed;
use crate::storage::{Connection, Deed, Result, Storage, feed};

/// Everything as it was at one moment.
#[derive(Debug)]
pub struct Snapshot(Transaction<'static, Any>);

/// A change in the making; dropped without [`Write::commit`], it never was.
#[derive(Debug)]
pub struct Write {
    transaction: Transaction<'static, Any>,
    actor: Actor,
    /// When the change is made.
    pub now: Timestamp,
    changes: BTreeSet<Change>,
    position: Position,
    number: i64,
    announce: watch::Sender<Position>,
    has_mail: bool,
    /// Wakes whoever sends mails.
    sender: Arc<Notify>,
}

// === impl Storage ===

impl Storage {
    /// Begins to read.
    pub async fn read(&self) -> Result<Snapshot> {
        let begin = match self.engine {
            Engine::Sqlite => "begin",
            Engine::Postgres => "begin isolation level repeatable read read only",
        };
        Ok(Snapshot(self.pool.begin_with(begin).await?))
    }

    /// Begins a change that nobody decides by: it has neither an audit entry nor a revision.
    pub(super) async fn begin_to_change(&self) -> Result<Transaction<'static, Any>> {
        let begin = match self.engine {
            Engine::Sqlite => "begin immediate",
            Engine::Postgres => "begin",
        };
        Ok(self.pool.begin_with(begin).await?)
    }

    /// Begins to write, in somebody's name. Waits until nobody else writes.
    pub async fn write(&self, actor: Actor, now: Timestamp) -> Result<Write> {
        let mut transaction = self.begin_to_change().await?;
        let row = sqlx::query(
            "update registry set writes = writes + 1 where one = 1 returning epoch, revision, writes",
        )
        .fetch_one(&mut *transaction)
        .await?;
        Ok(Write {
            actor,
            now,
            changes: BTreeSet::new(),
            position: Position {
                epoch: parsed::<Epoch>(&row, "epoch")?,
                head: row.try_get("revision")?,
            },
            number: row.try_get("writes")?,
            announce: self.position.clone(),
            has_mail: false,
            sender: Arc::clone(&self.mail),
            transaction,
        })
    }
}

// === impl Snapshot ===

impl Deref for Snapshot {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Snapshot {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

// === impl Write ===

impl Write {
    /// Notes what gateways have to hear of.
    pub fn changed(&mut self, change: Change) {
        self.changes.insert(change);
    }

    /// Notes that there is something to send.
    pub(super) fn mailed(&mut self) {
        self.has_mail = true;
    }

    /// Ends the write: changes, revisions and audit entry come true together, or not at all.
    ///
    /// Returns the newest revision.
    pub async fn commit(mut self, deed: Deed) -> Result<i64> {
        for change in &self.changes {
            self.position.head += 1;
            feed::record(&mut self.transaction, *change, self.position.head).await?;
        }
        if !self.changes.is_empty() {
            feed::advance(&mut self.transaction, self.position.head).await?;
        }
        let entry = Entry {
            number: self.number,
            at: self.now,
            actor: self.actor,
            deed,
            revision: self.position.head,
        };
        audit::add(&mut self.transaction, &entry).await?;
        self.transaction.commit().await?;
        feed::announce(&self.announce, self.position);
        if self.has_mail {
            self.sender.notify_one();
        }
        Ok(self.position.head)
    }
}

impl Deref for Write {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.transaction
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.transaction
    }
}
