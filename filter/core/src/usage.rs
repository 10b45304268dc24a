//! What keys are used for: counted in the VM, reported to the registry now and then.
//!
//! Counting never waits and never grows without bound. A report is sent again until the registry
//! has answered it, under the same number, so that it counts once however often it arrives.

mod tally;

use hashbrown::HashTable;
use keystile_protocol::id::{CredentialId, ServiceId};
use keystile_protocol::usage::{Count, MOST_COUNTS, Report, Warning};

use crate::answer::Answer;
use crate::clock::Timestamp;
use crate::config::BodyLimits;
use crate::feed::Reader;
use crate::replica::Status;
use tally::{Tally, hash_of};

/// How many kinds of use are counted between two reports; what else is used is lost, and said so.
const MOST_KINDS: usize = 16 * MOST_COUNTS;

/// The first report comes soon, so that people see the gateway as it is.
const FIRST_MS: u64 = 5_000;

/// How often a report is sent before it is given up.
const MOST_TRIES: u32 = 60;

/// A use of a key: whose, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The credential.
    pub credential: CredentialId,
    /// The service.
    pub service: ServiceId,
}

/// What is counted, and what of it is on its way to the registry.
#[derive(Debug)]
pub struct Usage {
    reader: Reader,
    tallies: HashTable<Tally>,
    has_lost: bool,
    sequence: u64,
    /// Counts under way, until the registry has them.
    sent: Option<Sent>,
    begun_at: Option<Timestamp>,
    wait_ms: u64,
}

#[derive(Debug)]
struct Sent {
    counts: Vec<Count>,
    warnings: Vec<Warning>,
    tries: u32,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    UnderWay,
    Failed,
}

// === impl Usage ===

impl Usage {
    /// Returns a count of nothing.
    pub fn new(reader: Reader) -> Self {
        Self {
            reader,
            tallies: HashTable::new(),
            has_lost: false,
            sequence: 0,
            sent: None,
            begun_at: None,
            wait_ms: FIRST_MS,
        }
    }

    /// Counts a request that has ended, with the status its client saw.
    pub fn count(&mut self, used: Use, status: u16, (since, now): (Timestamp, Timestamp)) {
        let latency_ms = now.since(since).unwrap_or_default();
        let hash = hash_of(used, status);
        let is_same = |tally: &Tally| tally.is_of(used, status);
        if let Some(tally) = self.tallies.find_mut(hash, is_same) {
            tally.add(now.0, latency_ms);
        } else if self.tallies.len() < MOST_KINDS {
            let mut tally = Tally::new(used, status);
            tally.add(now.0, latency_ms);
            self.tallies.insert_unique(hash, tally, Tally::hash);
        } else {
            self.has_lost = true;
        }
    }

    /// Returns the next report, if it is time for one.
    pub fn on_turn(
        &mut self,
        status: &Status,
        bodies: &BodyLimits,
        now: Timestamp,
    ) -> Option<Report> {
        let begun_at = *self.begun_at.get_or_insert(now);
        let is_under_way = |sent: &Sent| sent.stage == Stage::UnderWay;
        if self.sent.as_ref().is_some_and(is_under_way) || !now.is_past(begun_at, self.wait_ms) {
            return None;
        }
        self.begun_at = Some(now);
        let sent = match self.sent.take() {
            Some(sent) => Sent {
                tries: sent.tries + 1,
                stage: Stage::UnderWay,
                ..sent
            },
            None => self.take_counts(status, bodies),
        };
        let report = Report {
            gateway: self.reader.gateway.clone(),
            vm: self.reader.vm.clone(),
            sequence: self.sequence,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            revision: status.revision,
            age_ms: status.age_ms,
            warnings: sent.warnings.clone(),
            counts: sent.counts.clone(),
        };
        self.sent = Some(sent);
        Some(report)
    }

    /// Takes in what came back for a report; the next one comes after so many milliseconds.
    pub fn on_answer(&mut self, answer: Answer<'_>, interval_ms: u64) {
        // What did not fit into a report need not wait for the next minute.
        let is_behind = answer != Answer::Unreachable && self.tallies.len() >= MOST_COUNTS;
        self.wait_ms = if is_behind { 0 } else { interval_ms };
        match (&mut self.sent, answer) {
            (Some(sent), Answer::Unreachable) if sent.tries < MOST_TRIES => {
                sent.stage = Stage::Failed;
            }
            (_, Answer::Unreachable) => {
                self.has_lost = true;
                self.sent = None;
            }
            (_, Answer::Registry(_)) => self.sent = None,
        }
    }

    fn take_counts(&mut self, status: &Status, bodies: &BodyLimits) -> Sent {
        self.sequence += 1;
        let taken = self.tallies.extract_if(|_| true).take(MOST_COUNTS);
        let counts = taken.map(Tally::into_count).collect();
        let warnings = [
            (
                Warning::BodiesNotRead,
                !bodies.enabled && status.services_with_bodies > 0,
            ),
            (
                Warning::AnonymousMissing,
                status.services_without_anonymous > 0,
            ),
            (Warning::UsageLost, core::mem::take(&mut self.has_lost)),
        ];
        let raised = warnings.into_iter().filter(|(_, is_raised)| *is_raised);
        Sent {
            counts,
            warnings: raised.map(|(warning, _)| warning).collect(),
            tries: 1,
            stage: Stage::UnderWay,
        }
    }
}

#[cfg(test)]
mod tests;
