//! Follows the registry's feed: when to ask for what, and what to believe of the answers.
//!
//! A state machine without a proxy: it is told the time and what came back, and returns what to
//! ask next. The table is the caller's.

mod backoff;

use keystile_protocol::id::Epoch;
use keystile_protocol::state::{Cursor, Page};
use keystile_protocol::wire;

use crate::answer::Answer;
use crate::clock::Timestamp;
use crate::table::Table;

use backoff::Backoff;

/// How long a complete reader lets the registry wait for something to change.
const WAIT_MS: u32 = 25_000;

/// How long any answer may take besides the wait asked for.
const TIMEOUT_MS: u32 = 5_000;

/// An empty answer that comes sooner than this did not wait: asking again at once would spin.
const SHORTEST_WAIT_MS: u64 = 1_000;

/// Follows the registry's feed.
#[derive(Debug)]
pub struct Feed {
    reader: Reader,
    epoch: Option<Epoch>,
    cursor: Cursor,
    progress: Progress,
    phase: Phase,
    backoff: Backoff,
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

/// How much of the registry's data has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// Not all services.
    Beginning,
    /// All services, not all keys.
    Services,
    /// Everything.
    Complete,
}

#[derive(Debug)]
enum Phase {
    Waiting { since: Timestamp, delay_ms: u64 },
    Asked { at: Timestamp, wait_ms: u32 },
}

// === impl Feed ===

impl Feed {
    /// Returns a reader that knows nothing; `seed` spreads the moments at which many ask again.
    pub fn new(reader: Reader, seed: u64) -> Self {
        Self {
            reader,
            epoch: None,
            cursor: Cursor::START,
            progress: Progress::Beginning,
            phase: Phase::Waiting {
                since: Timestamp(0),
                delay_ms: 0,
            },
            backoff: Backoff::new(seed),
            answered_at: None,
        }
    }

    /// Takes note of the time; returns what to ask, if it is time to.
    pub fn on_tick(&mut self, now: Timestamp) -> Option<Ask> {
        // A clock that was set back must not make what is known younger than it can be.
        self.answered_at = self.answered_at.map(|answered_at| answered_at.min(now));
        match self.phase {
            Phase::Waiting { since, delay_ms } => {
                now.is_past(since, delay_ms).then(|| self.ask(now))
            }
            Phase::Asked { at, wait_ms } => {
                // The host answers in time; if it did not, whoever asked is gone.
                if now.is_past(at, u64::from(wait_ms + 2 * TIMEOUT_MS)) {
                    self.retry_later(now);
                }
                None
            }
        }
    }

    /// Takes in what came back; returns what to ask next, unless that has to wait.
    pub fn on_answer(
        &mut self,
        answer: Answer<'_>,
        table: &mut Table,
        now: Timestamp,
    ) -> Option<Ask> {
        let Phase::Asked { at, wait_ms } = self.phase else {
            return None;
        };
        let Some(page) = self.believable_page(answer) else {
            self.retry_later(now);
            return None;
        };
        let is_hasty = page.entries.is_empty()
            && wait_ms > 0
            && now
                .since(at)
                .is_some_and(|passed| passed < SHORTEST_WAIT_MS);
        self.take_in(page, table, now);
        if is_hasty {
            self.retry_later(now);
            return None;
        }
        self.backoff.reset();
        Some(self.ask(now))
    }

    /// Takes note that whoever asked is gone, and the answer with it.
    pub fn on_abandoned(&mut self, now: Timestamp) {
        self.phase = Phase::Waiting {
            since: now,
            delay_ms: 0,
        };
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

    fn ask(&mut self, now: Timestamp) -> Ask {
        let wait_ms = match self.progress {
            Progress::Complete => WAIT_MS,
            Progress::Beginning | Progress::Services => 0,
        };
        self.phase = Phase::Asked { at: now, wait_ms };
        let epoch = self
            .epoch
            .map_or_else(String::new, |epoch| epoch.to_string());
        Ask {
            path: format!(
                "/gateway/v1/state?epoch={epoch}&after={}&wait_ms={wait_ms}&gateway={}&vm={}",
                self.cursor.0, self.reader.gateway, self.reader.vm
            ),
            timeout_ms: wait_ms + TIMEOUT_MS,
        }
    }

    fn retry_later(&mut self, now: Timestamp) {
        self.phase = Phase::Waiting {
            since: now,
            delay_ms: self.backoff.next_delay_ms(),
        };
    }

    fn believable_page(&self, answer: Answer<'_>) -> Option<Page> {
        let Answer::Registry(bytes) = answer else {
            return None;
        };
        let page: Page = wire::decode(bytes).ok()?;
        let continues = if page.start_over {
            page.first == Cursor::START
        } else {
            page.first == self.cursor && self.epoch.is_none_or(|epoch| epoch == page.epoch)
        };
        (continues && is_coherent(&page)).then_some(page)
    }

    fn take_in(&mut self, page: Page, table: &mut Table, now: Timestamp) {
        if page.start_over {
            table.start_over();
        }
        self.progress = match page.last {
            last if last.0 == page.head => Progress::Complete,
            last if last.0 > 0 => Progress::Services,
            _ => Progress::Beginning,
        };
        self.epoch = Some(page.epoch);
        self.cursor = page.last;
        self.answered_at = Some(now);
        for entry in page.entries {
            table.apply(entry);
        }
    }
}

/// Whether a page goes forwards, not beyond its own head, and not nowhere.
fn is_coherent(page: &Page) -> bool {
    let advances = rank(page.last) > rank(page.first);
    let stays = page.last == page.first && page.entries.is_empty() && page.is_complete();
    (advances || stays) && page.last.0.unsigned_abs() <= page.head.unsigned_abs()
}

/// The order in which a reader passes through cursors: services first, then everything.
fn rank(cursor: Cursor) -> (bool, u64) {
    (cursor.0 > 0, cursor.0.unsigned_abs())
}

#[cfg(test)]
mod tests;
