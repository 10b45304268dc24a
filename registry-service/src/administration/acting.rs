//! What every act of an administrator begins with: who acts, and on which registry.

use std::sync::Arc;

use uuid::Uuid;

use crate::administration::{AdministrationError, Result};
use crate::domain::access::{Administrator, Duty};
use crate::domain::expectation::Expectation;
use crate::domain::timestamp::Timestamp;
use crate::registry::Registry;
use crate::storage::{Snapshot, Write};

/// An administrator at work.
#[derive(Debug, Clone)]
pub struct Acting {
    /// Where.
    pub registry: Arc<Registry>,
    /// Who, and what they may do.
    pub by: Administrator,
    expects: Expectation,
}

// === impl Acting ===

impl Acting {
    /// Returns an administrator at work.
    pub const fn new(registry: Arc<Registry>, by: Administrator) -> Self {
        Self {
            registry,
            by,
            expects: Expectation::Any,
        }
    }

    /// Means the act for some states of its subject alone: in any other it is refused.
    #[must_use]
    pub fn expecting(self, expects: Expectation) -> Self {
        Self { expects, ..self }
    }

    /// Returns an error if the subject of the act has changed since it was looked at.
    pub(super) fn expect(&self, updated_at: Timestamp) -> Result<()> {
        if self.expects.is_met_by(updated_at) {
            Ok(())
        } else {
            Err(AdministrationError::Stale)
        }
    }

    /// Returns an error unless the administrator may do what a duty asks.
    pub fn require(&self, duty: Duty) -> Result<()> {
        if self.by.may(duty) {
            Ok(())
        } else {
            Err(AdministrationError::NotPermitted { duty })
        }
    }

    /// Begins to look.
    pub(super) async fn read(&self) -> Result<Snapshot> {
        self.read_for(Duty::Look).await
    }

    /// Begins to look at what not everyone may who may look.
    pub(super) async fn read_for(&self, duty: Duty) -> Result<Snapshot> {
        self.require(duty)?;
        Ok(self.registry.storage.read().await?)
    }

    /// Begins to change something, in the administrator's name.
    pub(super) async fn write(&self, duty: Duty) -> Result<Write> {
        self.require(duty)?;
        let now = self.now();
        Ok(self.registry.storage.write(self.by.actor, now).await?)
    }

    /// Begins to make a secret, in the administrator's name.
    pub(super) async fn write_secret(&self, duty: Duty) -> Result<Write> {
        self.require(duty)?;
        if !self.by.may_make_secrets {
            return Err(AdministrationError::PasswordNeeded);
        }
        self.write(duty).await
    }

    /// Returns the time.
    pub(super) fn now(&self) -> Timestamp {
        self.registry.clock.now()
    }

    /// Returns a new id.
    pub(super) fn new_id(&self) -> Uuid {
        self.registry.random.uuid()
    }
}
