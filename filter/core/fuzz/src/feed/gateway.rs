//! A replica, and what it may know at most.

use std::collections::BTreeMap;

use keystile_core::answer::Answer;
use keystile_core::clock::Timestamp;
use keystile_core::decide::Finding;
use keystile_core::feed::{Next, Reader};
use keystile_core::replica::Replica;
use keystile_core::table::Bounds;
use keystile_protocol::check::CheckResponse;
use keystile_protocol::id::{ApplicationId, CredentialId};
use keystile_protocol::key::KeyDigest;
use keystile_protocol::state::{Cursor, Entry, Page, Removed};
use keystile_protocol::wire;

use super::pages;

const START: Timestamp = Timestamp(1_700_000_000_000);

/// Longer than any pause between two requests to the registry.
const LONG_MS: i64 = 600_000;

/// How long the answer to a question about a single key is believed, and a moment.
const ANSWER_MS: i64 = 1_001;

/// More turns than the largest page takes.
const MOST_TURNS: usize = 1_000;

/// A replica, and what it may know at most.
pub(super) struct Gateway {
    replica: Replica,
    bounds: Option<Bounds>,
    now: Timestamp,
    is_asked: bool,
    /// Where the last page that was believed ended.
    place: Cursor,
    truth: Option<Truth>,
    /// Until when the answer to a question about a single key may be believed by itself.
    settled_at: Timestamp,
}

/// What the registry said last.
#[derive(Default)]
struct Truth {
    credentials: BTreeMap<CredentialId, (KeyDigest, ApplicationId)>,
    applications: Vec<ApplicationId>,
    /// Whether a page left a key without its application. The registry never does, and a reader
    /// may then forget the key.
    had_orphans: bool,
}

// === impl Gateway ===

impl Gateway {
    pub(super) fn new(bounds: Option<Bounds>) -> Self {
        let reader = Reader {
            gateway: "gateway-1".to_owned(),
            vm: "a".to_owned(),
        };
        Self {
            replica: match bounds {
                None => Replica::new(reader, 7),
                Some(bounds) => Replica::on_demand(bounds, reader, 7),
            },
            bounds,
            now: START,
            is_asked: false,
            place: Cursor::START,
            truth: Some(Truth::default()),
            settled_at: START,
        }
    }

    /// Whether all that is known is in the table.
    pub(super) fn is_settled(&self) -> bool {
        self.now >= self.settled_at
    }

    pub(super) fn place(&self) -> Cursor {
        self.place
    }

    pub(super) fn revision(&self) -> u64 {
        self.replica.status(self.now).revision
    }

    pub(super) fn known(&self) -> Vec<KeyDigest> {
        let is_known = |digest: &KeyDigest| {
            let found = self.replica.find_holder(digest, self.now);
            matches!(found, Finding::Known(_))
        };
        pages::every_digest().filter(is_known).collect()
    }

    /// Answers with a page of the registry's; what it says is the truth from then on.
    pub(super) fn believe(&mut self, page: &Page) {
        self.answer(Answer::Registry(&wire::encode(page).unwrap()));
        self.place = page.last;
        if page.start_over {
            self.truth = Some(Truth::default());
        }
        if let Some(truth) = &mut self.truth {
            page.entries.iter().for_each(|entry| truth.take_in(entry));
            truth.look_for_orphans();
        }
    }

    /// Answers the question that is open, once there is one.
    pub(super) fn answer(&mut self, answer: Answer<'_>) {
        // A question that was open may be given up first.
        for _ in 0..2 {
            if !self.is_asked {
                self.wait(LONG_MS);
            }
        }
        assert!(self.is_asked, "a reader that does not ask any more");
        self.is_asked = false;
        let next = self.replica.on_answer(answer, self.now);
        self.follow(next);
    }

    pub(super) fn check(&mut self, response: &CheckResponse) {
        let bytes = wire::encode(response).unwrap();
        let answer = Answer::Registry(&bytes);
        let waiters = self.replica.on_check(response.digest, answer, self.now);
        assert!(waiters.is_empty(), "nobody waited");
        let believed_until = Timestamp(self.now.0 + ANSWER_MS);
        self.settled_at = self.settled_at.max(believed_until);
        self.lose_track();
    }

    pub(super) fn abandon(&mut self) {
        self.replica.on_abandoned(self.now);
        self.is_asked = false;
    }

    /// Lets time pass, or sets the clock back, by weeks at most.
    pub(super) fn wait(&mut self, ms: i64) {
        self.now = Timestamp(self.now.0 + ms % (1 << 31));
        // Whether a question is still open is the reader's to say.
        self.is_asked = false;
        let next = self.replica.on_turn(self.now);
        self.follow(next);
    }

    /// What is known is no longer known to the test.
    pub(super) fn lose_track(&mut self) {
        self.truth = None;
    }

    /// Asserts that nothing is known that nobody said, and not more than there is room for.
    pub(super) fn is_sound(&self) {
        let counts = self.replica.status(self.now).counts;
        if let Some(bounds) = self.bounds {
            assert!(counts.credentials <= bounds.max_entries, "{counts:?}");
        }
        let Some(truth) = &self.truth else { return };
        let known = self.known();
        for digest in pages::every_digest() {
            let is_known = known.contains(&digest);
            let is_admitted = truth.admits(&digest);
            let is_invented = is_known && !is_admitted && self.is_settled();
            assert!(!is_invented, "a key that is nobody's");
            let is_forgotten = is_admitted && !is_known;
            let is_replica = self.bounds.is_none() && !truth.had_orphans;
            assert!(!is_forgotten || !is_replica, "a key that is forgotten");
        }
    }

    fn follow(&mut self, mut next: Next) {
        for _ in 0..MOST_TURNS {
            match next {
                Next::Ask(_) => {
                    self.is_asked = true;
                    return;
                }
                Next::Nothing => return,
                Next::Turn => next = self.replica.on_turn(self.now),
            }
        }
        panic!("a page takes turns without end");
    }
}

// === impl Truth ===

impl Truth {
    fn take_in(&mut self, entry: &Entry) {
        match entry {
            Entry::Service(_) | Entry::Removed(Removed::Service(_)) => {}
            Entry::Application(application) => self.applications.push(application.id),
            Entry::Credential(credential) => {
                let holder = (credential.digest, credential.application);
                self.credentials.insert(credential.id, holder);
            }
            Entry::Removed(Removed::Application(gone)) => {
                self.applications.retain(|id| id != gone);
            }
            Entry::Removed(Removed::Credential(gone)) => {
                self.credentials.remove(gone);
            }
        }
    }

    fn look_for_orphans(&mut self) {
        let mut holders = self.credentials.values();
        let is_orphan = |application| !self.applications.contains(application);
        self.had_orphans |= holders.any(|(_, application)| is_orphan(application));
    }

    fn admits(&self, digest: &KeyDigest) -> bool {
        let mut holders = self.credentials.values();
        holders.any(|(held, application)| held == digest && self.applications.contains(application))
    }
}
