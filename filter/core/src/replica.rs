//! One registry as a VM knows it: the table, the feed that fills it, and questions about single
//! keys while it is incomplete.

use std::rc::Rc;

use keystile_protocol::application::Application;
use keystile_protocol::check::Outcome;
use keystile_protocol::id::ApplicationId;
use keystile_protocol::key::KeyDigest;
use keystile_protocol::service::Service;

use crate::answer::Answer;
use crate::checks::Checks;
use crate::clock::Timestamp;
use crate::decide::Finding;
use crate::feed::{Feed, Next, Progress, Reader};
use crate::table::{Counts, Holder, Table};

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
    /// Whether it holds everything.
    pub is_complete: bool,
    /// How many services look for keys in bodies, which the host may not give us.
    pub services_with_bodies: usize,
    /// How many services name an anonymous application that does not exist.
    pub services_without_anonymous: usize,
}

// === impl Replica ===

impl Replica {
    /// Returns a replica that knows nothing.
    pub fn new(reader: Reader, seed: u64) -> Self {
        Self {
            checks: Checks::default(),
            table: Table::default(),
            feed: Feed::new(reader, seed),
        }
    }

    /// Lets no wait for the feed make what is known older than half of `max_stale_ms`.
    pub fn limit_wait(&mut self, max_stale_ms: u64) {
        self.feed.limit_wait(max_stale_ms);
    }

    /// Takes note of the time, and does a little of what there is to do.
    pub fn on_turn(&mut self, now: Timestamp) -> Next {
        if self.is_complete() {
            self.table.sweep(SWEPT_AT_ONCE);
        }
        self.feed.on_turn(&mut self.table, now)
    }

    /// Takes in what the feed answered.
    pub fn on_answer(&mut self, answer: Answer<'_>, now: Timestamp) -> Next {
        self.feed.on_answer(answer, &mut self.table, now)
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
            None => self.absent(),
        }
    }

    /// Finds who holds the key a digest stands for.
    pub fn find_holder(&self, digest: &KeyDigest, now: Timestamp) -> Finding<Holder<'_>> {
        if let Some(holder) = self.table.find_holder(digest) {
            return Finding::Known(holder);
        }
        if self.is_complete() {
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
            is_complete: self.is_complete(),
            services_with_bodies: self.count_services(|service| service.key_auth.key_in_body),
            services_without_anonymous: self.count_services(|service| {
                let anonymous = service.key_auth.anonymous;
                anonymous.is_some_and(|id| self.find_application(id) == Finding::Absent)
            }),
        }
    }

    fn count_services(&self, is_counted: impl Fn(&Service) -> bool) -> usize {
        let services = self.table.services();
        services.filter(|service| is_counted(service)).count()
    }

    fn is_complete(&self) -> bool {
        self.feed.progress() == Progress::Complete
    }

    fn absent<T>(&self) -> Finding<T> {
        if self.is_complete() {
            Finding::Absent
        } else {
            Finding::Unsure
        }
    }
}
