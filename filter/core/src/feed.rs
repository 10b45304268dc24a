//! Follows the registry's feed: when to ask for what, and what to believe of the answers.
//!
//! A state machine without a proxy: it is told the time and what came back, and returns what to
//! ask next. The table is the caller's. For one that holds only what was asked about, it reads the
//! services and from then on what changes.

mod backoff;
mod belief;

use std::vec;

use keystile_protocol::id::Epoch;
use keystile_protocol::state::{Cursor, Entry, Page};

use crate::answer::Answer;
use crate::clock::Timestamp;
use crate::table::Table;

use backoff::Backoff;
use belief::{Contact, believable_page, horizon_after, progress_after};

/// How long a complete reader lets the registry wait for something to change, at most and at least.
const WAIT_MS: (u32, u32) = (25_000, 250);

/// How long any answer may take besides the wait asked for.
const TIMEOUT_MS: u32 = 5_000;

/// An empty answer that comes sooner than this did not wait: asking again at once would spin.
const SHORTEST_WAIT_MS: u64 = 1_000;

/// How many entries are taken in at once: a full page in one go would hold up a worker's requests.
/// A page of keys takes three turns, in Envoy two thirds of a millisecond each.
const ENTRIES_AT_ONCE: usize = 640;

/// Follows the registry's feed.
#[derive(Debug)]
pub struct Feed {
    reader: Reader,
    epoch: Option<Epoch>,
    cursor: Cursor,
    /// What changes after this revision is read, or was: older facts may have been overtaken.
    horizon: i64,
    progress: Progress,
    phase: Phase,
    wait_ms: u32,
    max_stale_ms: u64,
    backoff: Backoff,
    contact: Contact,
    answered_at: Option<Timestamp>,
}

/// Who reads: the registry lists its readers by these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The Envoy, by its node id.
    pub gateway: String,
    /// One of its VMs.
    pub vm: String,
}

/// A request to the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Ask {
    /// The request target.
    pub path: String,
    /// How long the answer may take, in milliseconds.
    pub timeout_ms: u32,
}

/// What a reader needs next.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Next {
    /// This request, and then its answer.
    Ask(Ask),
    /// Another turn, soon, but not before the worker has looked after others.
    Turn,
    /// Time, or an answer.
    Nothing,
}

/// How much of the registry's data has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// Not all services.
    Beginning,
    /// All services, not all keys.
    Services,
    /// Everything there is to read.
    Complete,
}

#[derive(Debug)]
enum Phase {
    Waiting { since: Timestamp, delay_ms: u64 },
    Asked { at: Timestamp, wait_ms: u32 },
    TakingIn(Rest),
}

/// What of a page is still to be taken in.
#[derive(Debug)]
struct Rest {
    entries: vec::IntoIter<Entry>,
    end: End,
}

/// Where a reader is when a page is taken in.
#[derive(Debug, Clone, Copy)]
struct End {
    cursor: Cursor,
    progress: Progress,
    then: Then,
}

/// What a reader does after a page.
#[derive(Debug, Clone, Copy)]
enum Then {
    Ask,
    Pause,
}

// === impl Feed ===

impl Feed {
    /// Returns a reader that knows nothing; `seed` spreads the moments at which many ask again.
    pub fn new(reader: Reader, seed: u64) -> Self {
        Self {
            reader,
            epoch: None,
            cursor: Cursor::START,
            horizon: 0,
            progress: Progress::Beginning,
            phase: Phase::Waiting {
                since: Timestamp(0),
                delay_ms: 0,
            },
            wait_ms: WAIT_MS.0,
            max_stale_ms: u64::MAX,
            backoff: Backoff::new(seed),
            contact: Contact::Kept,
            answered_at: None,
        }
    }

    /// Lets no wait make what is known older than half of `max_stale_ms`: silence looks like loss.
    pub fn limit_wait(&mut self, max_stale_ms: u64) {
        self.max_stale_ms = self.max_stale_ms.min(max_stale_ms);
        let half = u32::try_from(max_stale_ms / 2).unwrap_or(u32::MAX);
        self.wait_ms = self.wait_ms.min(half.max(WAIT_MS.1));
    }

    /// Takes note of the time, and takes more of a page in if there is one.
    pub fn on_turn(&mut self, table: &mut Table, now: Timestamp) -> Next {
        // A clock that was set back must not make what is known younger than it can be.
        self.answered_at = self.answered_at.map(|answered_at| answered_at.min(now));
        match &mut self.phase {
            Phase::Waiting { since, delay_ms } if now.is_past(*since, *delay_ms) => self.ask(now),
            Phase::Asked { at, wait_ms } => {
                let (at, wait_ms) = (*at, *wait_ms);
                self.give_up(at, wait_ms, now)
            }
            Phase::Waiting { .. } => Next::Nothing,
            Phase::TakingIn(rest) => {
                for entry in rest.entries.by_ref().take(ENTRIES_AT_ONCE) {
                    table.apply(entry);
                }
                match rest.entries.len() {
                    0 => {
                        let end = rest.end;
                        self.finish(end, now)
                    }
                    _ => Next::Turn,
                }
            }
        }
    }

    /// Takes in what came back.
    pub fn on_answer(&mut self, answer: Answer<'_>, table: &mut Table, now: Timestamp) -> Next {
        let Phase::Asked { at, wait_ms } = self.phase else {
            return Next::Nothing;
        };
        let Some(page) = believable_page(answer, self.cursor, self.epoch) else {
            return self.lose_contact(now);
        };
        self.contact = Contact::Kept;
        let shortest = SHORTEST_WAIT_MS.min(u64::from(wait_ms / 2));
        // What did not ask for a wait is answered at once, and the next request asks for one.
        let did_not_wait = wait_ms > 0 && !now.is_past(at, shortest);
        let then = if page.entries.is_empty() && did_not_wait {
            Then::Pause
        } else {
            Then::Ask
        };
        self.begin(page, then, table);
        self.answered_at = Some(now);
        self.on_turn(table, now)
    }

    /// Takes note that whoever asked is gone, and the answer with it.
    pub fn on_abandoned(&mut self, now: Timestamp) {
        self.phase = Phase::Waiting {
            since: now,
            delay_ms: 0,
        };
    }

    /// Whether the last answer was one to believe.
    pub fn is_in_contact(&self) -> bool {
        self.contact == Contact::Kept
    }

    /// Returns how much has been read.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Returns the revision everything is known up to; 0 while services are still being read.
    pub fn revision(&self) -> u64 {
        u64::try_from(self.cursor.0).unwrap_or_default()
    }

    /// Returns how long ago the registry last gave an answer to believe, in milliseconds.
    pub fn age_ms(&self, now: Timestamp) -> Option<u64> {
        self.answered_at
            .map(|answered_at| now.since(answered_at).unwrap_or_default())
    }

    /// Whether all that happened to a fact after a revision of a history is still to be read, so
    /// that a table that takes the fact in now misses nothing.
    pub fn will_tell_since(&self, epoch: Epoch, revision: i64) -> bool {
        self.epoch == Some(epoch) && revision >= self.horizon
    }

    fn ask(&mut self, now: Timestamp) -> Next {
        // After an outage a registry without news would leave the reader in doubt for a whole wait.
        let wait_ms = match (self.progress, self.contact) {
            (Progress::Complete, Contact::Kept) => self.wait_ms,
            _ => 0,
        };
        self.phase = Phase::Asked { at: now, wait_ms };
        let epoch = self
            .epoch
            .map_or_else(String::new, |epoch| epoch.to_string());
        Next::Ask(Ask {
            path: format!(
                "/gateway/v1/state?epoch={epoch}&after={}&wait_ms={wait_ms}&gateway={}&vm={}",
                self.cursor.0, self.reader.gateway, self.reader.vm
            ),
            timeout_ms: wait_ms + TIMEOUT_MS,
        })
    }

    /// Asks again if the answer is overdue. The host answers in time; if it did not, whoever asked is
    /// gone, or the clock has jumped: then a wait may go on for long, and what is known is too old.
    fn give_up(&mut self, at: Timestamp, wait_ms: u32, now: Timestamp) -> Next {
        let overdue_ms = u64::from(wait_ms + 2 * TIMEOUT_MS);
        let patience_ms = match wait_ms {
            0 => overdue_ms,
            _ => overdue_ms.min(self.max_stale_ms),
        };
        if !now.is_past(at, patience_ms) {
            return Next::Nothing;
        }
        self.contact = Contact::Lost;
        self.ask(now)
    }

    fn lose_contact(&mut self, now: Timestamp) -> Next {
        self.contact = Contact::Lost;
        self.pause(now)
    }

    fn pause(&mut self, now: Timestamp) -> Next {
        self.phase = Phase::Waiting {
            since: now,
            delay_ms: self.backoff.next_delay_ms(),
        };
        Next::Nothing
    }

    fn begin(&mut self, mut page: Page, then: Then, table: &mut Table) {
        if page.start_over {
            table.start_over();
            self.progress = Progress::Beginning;
        }
        // Until all of it is in, it does not count: what is missing may be in the rest.
        self.progress = self.progress.min(Progress::Services);
        self.epoch = Some(page.epoch);
        self.horizon = horizon_after(&page, self.horizon);
        if table.is_bounded() && page.last.0 > 0 {
            // The services are in. What else is there would not be held; what changes might be.
            page.last = Cursor::everything(page.last.0.max(self.horizon));
        }
        self.phase = Phase::TakingIn(Rest {
            end: End {
                cursor: page.last,
                progress: progress_after(&page),
                then,
            },
            entries: page.entries.into_iter(),
        });
    }

    fn finish(&mut self, end: End, now: Timestamp) -> Next {
        self.cursor = end.cursor;
        self.progress = end.progress;
        match end.then {
            Then::Ask => {
                self.backoff.reset();
                self.ask(now)
            }
            Then::Pause => self.pause(now),
        }
    }
}

#[cfg(test)]
mod tests;
