//! What everybody has left to try, in the memory of this process.
//!
//! Every replica counts for itself, and a restart forgets: the figures of
//! [`Limit`](crate::domain::throttle::Limit) leave room for both, and no attempt costs a write.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::throttle::{Allowances, TooManyTries, Try};
use crate::domain::timestamp::Timestamp;

/// Counts tries.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<Allowances>);

// === impl Throttle ===

impl Throttle {
    /// Takes tries off their allowances: all of them, or none if one is used up.
    pub fn take(&self, tries: &[Try], now: Timestamp) -> Result<(), TooManyTries> {
        self.allowances().take(tries, now)
    }

    /// Gives tries back that turned out to be none.
    pub fn give_back(&self, tries: &[Try]) {
        self.allowances().give_back(tries);
    }

    fn allowances(&self) -> MutexGuard<'_, Allowances> {
        // A panic elsewhere leaves the counts as good as they were.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
