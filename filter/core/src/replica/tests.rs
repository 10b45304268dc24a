use keystile_protocol::application::{ApplicationState, Credential};
use keystile_protocol::check::CheckRequest;
use keystile_protocol::id::{CredentialId, Epoch, ServiceId};
use keystile_protocol::key::ApiKey;
use keystile_protocol::service::{Access, KeyAuth};
use keystile_protocol::state::{Cursor, Entry, Page, Removed};
use keystile_protocol::wire;
use uuid::Uuid;

use super::*;
use crate::checks::Queued;

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn epoch(number: u128) -> Epoch {
    Epoch(Uuid::from_u128(number))
}

fn digest() -> KeyDigest {
    ApiKey::new("key").digest()
}

fn credential() -> Credential {
    Credential {
        id: CredentialId(Uuid::from_u128(2)),
        digest: digest(),
        application: application().id,
        expires_at_ms: None,
    }
}

fn application() -> Application {
    Application {
        id: ApplicationId(Uuid::from_u128(1)),
        name: "app".to_owned(),
        reference: None,
        groups: Vec::new(),
        approved: Vec::new(),
        state: ApplicationState::Active,
    }
}

fn service() -> Entry {
    Entry::Service(Service {
        id: ServiceId(Uuid::from_u128(1)),
        name: "weather".to_owned(),
        access: Access::AnyKey,
        key_auth: KeyAuth::default(),
        acl: None,
    })
}

fn found() -> Outcome {
    Outcome::Found {
        credential: credential(),
        application: application(),
    }
}

fn revoked() -> Entry {
    Entry::Removed(Removed::Credential(credential().id))
}

/// A replica on demand that has read the services of a registry at revision 1000.
struct OnDemand {
    replica: Replica,
    now: Timestamp,
    asked: String,
}

impl OnDemand {
    fn new() -> Self {
        let mut on_demand = Self::beginning();
        on_demand.page((0, 3), 1_000, vec![service()]);
        on_demand
    }

    fn beginning() -> Self {
        let reader = Reader {
            gateway: "gateway-1".to_owned(),
            vm: "a".to_owned(),
        };
        let bounds = Bounds {
            max_entries: 10,
            negative_ttl_ms: 5_000,
        };
        let mut on_demand = Self {
            replica: Replica::on_demand(bounds, reader, 7),
            now: NOW,
            asked: String::new(),
        };
        on_demand.turn(0);
        on_demand
    }

    /// Lets time pass, and asks the feed if it is time to.
    fn turn(&mut self, ms: i64) {
        self.now = Timestamp(self.now.0 + ms);
        if let Next::Ask(ask) = self.replica.on_turn(self.now) {
            self.asked = ask.path;
        }
    }

    /// Lets time pass in which nothing changes.
    fn idle(&mut self, ms: i64) {
        for _ in 0..ms / 25_000 {
            self.turn(25_000);
            self.page((1_000, 1_000), 1_000, Vec::new());
        }
    }

    fn page(&mut self, (first, last): (i64, i64), head: i64, entries: Vec<Entry>) {
        self.send(&Page {
            epoch: epoch(1),
            first: Cursor(first),
            last: Cursor(last),
            head,
            start_over: false,
            entries,
        });
    }

    fn send(&mut self, page: &Page) {
        let bytes = wire::encode(page).unwrap();
        if let Next::Ask(ask) = self.replica.on_answer(Answer::Registry(&bytes), self.now) {
            self.asked = ask.path;
        }
    }

    /// Lets one more request wait for what the registry knows of the key.
    fn wait(&mut self, context_id: u32) -> Queued {
        let waiter = Waiter {
            context_id,
            since: self.now,
            patience_ms: 1_000,
        };
        self.replica.checks.wait(digest(), "weather", waiter)
    }

    fn check(&mut self, revision: i64, outcome: Outcome) -> Vec<Waiter> {
        let response = CheckResponse {
            epoch: epoch(1),
            revision,
            digest: digest(),
            outcome,
        };
        let bytes = wire::encode(&response).unwrap();
        let answer = Answer::Registry(&bytes);
        self.replica.on_check(digest(), answer, self.now)
    }

    /// Whether the key is admitted, refused or to be asked about.
    fn key(&self) -> Finding<CredentialId> {
        match self.replica.find_holder(&digest(), self.now) {
            Finding::Known(holder) => Finding::Known(holder.credential),
            Finding::Absent => Finding::Absent,
            Finding::Unsure => Finding::Unsure,
        }
    }
}

#[test]
fn after_the_services_it_skips_to_where_the_registry_was() {
    let mut on_demand = OnDemand::beginning();
    on_demand.page((0, -3), 1_000, vec![service()]);
    assert!(
        on_demand.asked.contains("&after=-3&"),
        "services come first"
    );
    on_demand.page((-3, 9), 1_005, vec![service()]);
    let after = "&after=1000&wait_ms=0&";
    assert!(
        on_demand.asked.contains(after),
        "what changed while services were read is read again: {}",
        on_demand.asked
    );
    on_demand.page((1_000, 1_005), 1_005, Vec::new());
    assert!(on_demand.asked.contains("&after=1005&wait_ms=25000&"));
}

#[test]
fn a_miss_is_a_question_and_its_answer_is_held() {
    let mut on_demand = OnDemand::new();
    assert_eq!(on_demand.key(), Finding::Unsure);
    let _ = on_demand.check(1_000, found());
    on_demand.idle(9 * 60_000);
    assert_eq!(on_demand.key(), Finding::Known(credential().id));
}

#[test]
fn a_thousand_first_uses_of_a_key_are_one_question() {
    let mut on_demand = OnDemand::new();
    assert_eq!(on_demand.wait(0), Queued::New);
    for context_id in 1..1_000 {
        assert_eq!(on_demand.wait(context_id), Queued::Coalesced);
    }
    let question: Option<CheckRequest> = on_demand.replica.checks.next_question();
    assert_eq!(question.map(|question| question.digest), Some(digest()));
    assert_eq!(on_demand.replica.checks.next_question(), None);
    assert_eq!(on_demand.check(1_000, Outcome::Unknown).len(), 1_000);
    assert_eq!(on_demand.key(), Finding::Absent, "nor is it asked again");
}

#[test]
fn a_key_revoked_while_idle_is_not_admitted_once_more() {
    let mut on_demand = OnDemand::new();
    let _ = on_demand.check(1_000, found());
    on_demand.idle(9 * 60_000);
    on_demand.page((1_000, 1_001), 1_001, vec![revoked()]);
    assert_eq!(on_demand.key(), Finding::Unsure);
}

#[test]
fn a_key_that_was_refused_works_as_soon_as_it_exists() {
    let mut on_demand = OnDemand::new();
    let _ = on_demand.check(1_000, Outcome::Unknown);
    assert_eq!(on_demand.key(), Finding::Absent);
    let created = Entry::Credential(credential());
    on_demand.page((1_000, 1_001), 1_001, vec![created]);
    assert_eq!(on_demand.key(), Finding::Unsure, "it is asked about again");
    let _ = on_demand.check(1_001, found());
    assert_eq!(on_demand.key(), Finding::Known(credential().id));
}

#[test]
fn a_refusal_is_believed_for_as_long_as_configured() {
    let mut on_demand = OnDemand::new();
    let _ = on_demand.check(1_000, Outcome::Unknown);
    on_demand.turn(4_999);
    assert_eq!(on_demand.key(), Finding::Absent);
    on_demand.turn(1);
    assert_eq!(on_demand.key(), Finding::Unsure);
}

#[test]
fn an_answer_the_feed_has_overtaken_is_not_held() {
    for (what, outcome, overtaking) in [
        ("a revoked key", found(), revoked()),
        (
            "a new key",
            Outcome::Unknown,
            Entry::Credential(credential()),
        ),
    ] {
        let mut on_demand = OnDemand::new();
        on_demand.page((1_000, 1_001), 1_001, vec![overtaking]);
        let _ = on_demand.check(1_000, outcome);
        on_demand.turn(1_000);
        assert_eq!(on_demand.key(), Finding::Unsure, "{what}");
    }
}

#[test]
fn an_answer_is_overtaken_by_a_page_of_which_the_rest_is_still_to_be_taken_in() {
    let mut on_demand = OnDemand::new();
    let entries = [revoked()].into_iter().chain((0..600).map(|_| service()));
    on_demand.page((1_000, 1_700), 1_700, entries.collect());
    let _ = on_demand.check(1_000, found());
    on_demand.turn(1_000);
    assert_eq!(on_demand.key(), Finding::Unsure);
}

#[test]
fn an_answer_of_another_history_is_not_held() {
    let mut on_demand = OnDemand::new();
    on_demand.send(&Page {
        epoch: epoch(2),
        first: Cursor::START,
        last: Cursor(5),
        head: 5,
        start_over: true,
        entries: vec![service()],
    });
    let _ = on_demand.check(2_000, found());
    on_demand.turn(1_000);
    assert_eq!(on_demand.key(), Finding::Unsure);
}

#[test]
fn that_the_registry_cannot_be_reached_is_not_remembered() {
    let mut on_demand = OnDemand::new();
    assert_eq!(on_demand.wait(1), Queued::New);
    let unreachable = Answer::Unreachable;
    let waiters = on_demand
        .replica
        .on_check(digest(), unreachable, on_demand.now);
    assert_eq!(waiters.len(), 1, "nobody is left waiting");
    assert_eq!(on_demand.key(), Finding::Unsure);
    assert_eq!(on_demand.wait(2), Queued::New);
}

#[test]
fn without_the_feed_nothing_held_is_believed_beyond_the_limit() {
    let mut on_demand = OnDemand::new();
    let _ = on_demand.check(1_000, found());
    let limit_ms = 10_000;
    on_demand.turn(10_000);
    assert!(on_demand.replica.is_fresh(on_demand.now, limit_ms));
    on_demand.turn(1);
    let _ = on_demand.check(1_000, found());
    assert!(
        !on_demand.replica.is_fresh(on_demand.now, limit_ms),
        "checks that work do not tell of revocations"
    );
}
