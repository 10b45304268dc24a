//! One registry as a VM knows it: the table, the feed that fills it, and questions about single
//! keys while it does not say.
//!
//! A replica holds everything the registry knows, or what it was asked about: that one's table is
//! never complete, so a miss is a question, and the answer is held. From then on the feed tells
//! what becomes of it; an answer that the feed has overtaken is not held.

use std::rc::Rc;

use keystile_protocol::application::Application;
use keystile_protocol::check::{CheckResponse, Outcome};
use keystile_protocol::id::ApplicationId;
use keystile_protocol::key::KeyDigest;
use keystile_protocol::service::Service;

use crate::answer::Answer;
use crate::checks::{Checks, Waiter, believable_response};
use crate::clock::Timestamp;
use crate::decide::Finding;
use crate::feed::{Feed, Next, Progress, Reader};
use crate::table::{Bounds, Counts, Holder, Table};

/// How many records a turn frees: a millisecond's work.
const SWEPT_AT_ONCE: usize = 1_024;

/// One registry as a VM knows it.
#[derive(Debug)]
pub struct Replica {
    /// Questions about single keys.
    pub checks: Checks,
    table: Table,
    feed: Feed,
}

/// How a replica is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// How much it holds.
    pub counts: Counts,
    /// The revision everything is known up to.
    pub revision: u64,
    /// How old the registry's last answer is; `None` before the first.
    pub age_ms: Option<u64>,
    /// Whether it has read everything there is for it to read.
    pub is_complete: bool,
    /// How many services look for keys in bodies, which the host may not give us.
    pub services_with_bodies: usize,
    /// How many services name an anonymous application that does not exist.
    pub services_without_anonymous: usize,
}

// === impl Replica ===

impl Replica {
    /// Returns a replica that knows nothing, and will know everything.
    pub fn new(reader: Reader, seed: u64) -> Self {
        Self::of_table(Table::default(), reader, seed)
    }

    /// Returns a replica that knows nothing, and will know what it asks about.
    pub fn on_demand(bounds: Bounds, reader: Reader, seed: u64) -> Self {
        Self::of_table(Table::bounded(bounds), reader, seed)
    }

    /// Lets no wait for the feed make what is known older than half of `max_stale_ms`.
    pub fn limit_wait(&mut self, max_stale_ms: u64) {
        self.feed.limit_wait(max_stale_ms);
    }

    /// Takes note of the time, and does a little of what there is to do.
    pub fn on_turn(&mut self, now: Timestamp) -> Next {
        if self.is_up_to_date() {
            self.table.sweep(SWEPT_AT_ONCE);
        }
        self.feed.on_turn(&mut self.table, now)
    }

    /// Takes in what the feed answered.
    pub fn on_answer(&mut self, answer: Answer<'_>, now: Timestamp) -> Next {
        self.feed.on_answer(answer, &mut self.table, now)
    }

    /// Whether the feed's last answer was one to believe.
    pub fn is_in_contact(&self) -> bool {
        self.feed.is_in_contact()
    }

    /// Takes in what came back for a key; returns the requests that waited for it.
    pub fn on_check(
        &mut self,
        digest: KeyDigest,
        answer: Answer<'_>,
        now: Timestamp,
    ) -> Vec<Waiter> {
        if let Some(response) = believable_response(&digest, answer) {
            self.keep(response, now);
        }
        self.checks.end(digest)
    }

    /// Takes note that whoever asked the feed is gone.
    pub fn on_abandoned(&mut self, now: Timestamp) {
        self.feed.on_abandoned(now);
    }

    /// Whether the registry gave an answer within the last `max_stale_ms`.
    pub fn is_fresh(&self, now: Timestamp, max_stale_ms: u64) -> bool {
        self.feed.age_ms(now).is_some_and(|age| age <= max_stale_ms)
    }

    /// Finds a service by the name in route metadata.
    pub fn find_service(&self, name: &str) -> Finding<&Rc<Service>> {
        match self.table.find_service(name) {
            Some(service) => Finding::Known(service),
            None if self.feed.progress() >= Progress::Services => Finding::Absent,
            None => Finding::Unsure,
        }
    }

    /// Finds an application by id.
    pub fn find_application(&self, id: ApplicationId) -> Finding<&Application> {
        match self.table.find_application(id) {
            Some(application) => Finding::Known(application),
            // Also where little is held: the feed tells of those that services name.
            None if self.is_up_to_date() => Finding::Absent,
            None => Finding::Unsure,
        }
    }

    /// Finds who holds the key a digest stands for.
    pub fn find_holder(&self, digest: &KeyDigest, now: Timestamp) -> Finding<Holder<'_>> {
        if let Some(holder) = self.table.find_holder(digest) {
            return Finding::Known(holder);
        }
        if self.is_complete() || self.table.is_unknown(digest, now) {
            return Finding::Absent;
        }
        match self.checks.recent(digest, now) {
            Some(Outcome::Found {
                credential,
                application,
            }) => Finding::Known(Holder {
                credential: credential.id,
                expires_at_ms: credential.expires_at_ms,
                application,
            }),
            Some(Outcome::Unknown) => Finding::Absent,
            None => Finding::Unsure,
        }
    }

    /// Says how the replica is doing.
    pub fn status(&self, now: Timestamp) -> Status {
        Status {
            counts: self.table.counts(),
            revision: self.feed.revision(),
            age_ms: self.feed.age_ms(now),
            is_complete: self.is_up_to_date(),
            services_with_bodies: self.count_services(|service| service.key_auth.key_in_body),
            services_without_anonymous: self.count_services(|service| {
                let anonymous = service.key_auth.anonymous;
                anonymous.is_some_and(|id| self.find_application(id) == Finding::Absent)
            }),
        }
    }

    fn of_table(table: Table, reader: Reader, seed: u64) -> Self {
        Self {
            checks: Checks::default(),
            table,
            feed: Feed::new(reader, seed),
        }
    }

    fn count_services(&self, is_counted: impl Fn(&Service) -> bool) -> usize {
        let services = self.table.services();
        services.filter(|service| is_counted(service)).count()
    }

    fn keep(&mut self, response: CheckResponse, now: Timestamp) {
        let CheckResponse {
            epoch,
            revision,
            digest,
            outcome,
        } = response;
        if !self.table.is_bounded() || !self.feed.will_tell_since(epoch, revision) {
            self.checks.keep(digest, outcome, now);
            return;
        }
        match outcome {
            Outcome::Found {
                credential,
                application,
            } => self.table.hold(credential, application),
            Outcome::Unknown => self.table.hold_unknown(digest, now),
        }
    }

    /// Whether what is not there is nowhere.
    fn is_complete(&self) -> bool {
        self.is_up_to_date() && !self.table.is_bounded()
    }

    fn is_up_to_date(&self) -> bool {
        self.feed.progress() == Progress::Complete
    }
}

#[cfg(test)]
mod tests;
