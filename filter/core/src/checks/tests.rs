use keystile_protocol::application::{Application, ApplicationState, Credential};
use keystile_protocol::id::{ApplicationId, CredentialId, Epoch};
use uuid::Uuid;

use super::*;

const NOW: Timestamp = Timestamp(1_000_000);

fn later(ms: i64) -> Timestamp {
    Timestamp(NOW.0 + ms)
}

fn digest(byte: u8) -> KeyDigest {
    KeyDigest::from_bytes([byte; 32])
}

fn waiter(context_id: u32) -> Waiter {
    Waiter {
        context_id,
        since: NOW,
        patience_ms: 500,
    }
}

fn found(digest: KeyDigest) -> Outcome {
    let application = ApplicationId(Uuid::from_u128(1));
    Outcome::Found {
        credential: Credential {
            id: CredentialId(Uuid::from_u128(2)),
            digest,
            application,
            expires_at_ms: None,
        },
        application: Application {
            id: application,
            name: "app".to_owned(),
            reference: None,
            groups: Vec::new(),
            approved: Vec::new(),
            state: ApplicationState::Active,
        },
    }
}

fn response(digest: KeyDigest, outcome: Outcome) -> Vec<u8> {
    wire::encode(&CheckResponse {
        epoch: Epoch(Uuid::from_u128(9)),
        revision: 1,
        digest,
        outcome,
    })
    .unwrap()
}

/// One key asked about, with request 1 waiting.
fn asked() -> Checks {
    let mut checks = Checks::default();
    assert_eq!(checks.wait(digest(1), "weather", waiter(1)), Queued::New);
    assert!(checks.next_question().is_some());
    checks
}

fn contexts(waiters: &[Waiter]) -> Vec<u32> {
    waiters.iter().map(|waiter| waiter.context_id).collect()
}

#[test]
fn many_requests_with_one_key_ask_once() {
    let mut checks = asked();
    for context_id in 2..300 {
        assert_eq!(
            checks.wait(digest(1), "weather", waiter(context_id)),
            Queued::Coalesced
        );
    }
    assert_eq!(checks.next_question(), None);
    assert_eq!(checks.end(digest(1)).len(), 299);
}

#[test]
fn an_answer_is_kept_for_a_moment() {
    let mut checks = Checks::default();
    checks.keep(digest(1), found(digest(1)), NOW);
    assert!(checks.recent(&digest(1), later(999)).is_some());
    assert_eq!(checks.recent(&digest(1), later(1_000)), None);
    assert_eq!(checks.recent(&digest(2), NOW), None);
}

#[test]
fn only_an_answer_about_the_key_is_believed() {
    let good = response(digest(1), found(digest(1)));
    assert!(believable_response(&digest(1), Answer::Registry(&good)).is_some());
    for (what, answer) in [
        ("another digest", response(digest(2), found(digest(2)))),
        ("another credential", response(digest(1), found(digest(2)))),
        ("no message", b"null".to_vec()),
    ] {
        let answer = Answer::Registry(&answer);
        assert_eq!(believable_response(&digest(1), answer), None, "{what}");
    }
}

#[test]
fn after_an_answer_the_next_request_asks_again_unless_it_knows() {
    let mut checks = asked();
    assert_eq!(contexts(&checks.end(digest(1))), [1]);
    assert_eq!(checks.wait(digest(1), "weather", waiter(2)), Queued::New);
}

#[test]
fn each_waiter_has_its_own_deadline() {
    let mut checks = asked();
    let late = Waiter {
        since: later(100),
        ..waiter(2)
    };
    let _ = checks.wait(digest(1), "weather", late);
    assert_eq!(contexts(&checks.on_tick(later(499))), [0; 0]);
    assert_eq!(contexts(&checks.on_tick(later(500))), [1]);
    assert_eq!(contexts(&checks.on_tick(later(600))), [2]);
}

#[test]
fn a_question_nobody_waits_for_is_not_asked() {
    let mut checks = Checks::default();
    let _ = checks.wait(digest(1), "weather", waiter(1));
    checks.leave(&digest(1), 1);
    assert_eq!(checks.next_question(), None);
}

#[test]
fn a_question_that_is_lost_is_asked_again() {
    let mut checks = asked();
    checks.ask_again(digest(1));
    assert!(checks.next_question().is_some());
    assert_eq!(checks.next_question(), None);
}

#[test]
fn a_flood_of_keys_is_bounded() {
    let mut checks = Checks::default();
    let digest = |number: u32| {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        KeyDigest::from_bytes(bytes)
    };
    let queued: Vec<Queued> = (0..5_000)
        .map(|number| checks.wait(digest(number), "weather", waiter(number)))
        .collect();
    let new = queued.iter().filter(|queued| **queued == Queued::New);
    assert_eq!(new.count(), MOST_QUESTIONS);
    let asked = core::iter::from_fn(|| checks.next_question()).count();
    assert_eq!(asked, MOST_ASKED);
}

#[test]
fn an_answer_makes_room_for_the_next_question() {
    let mut checks = Checks::default();
    for byte in 0..=u8::try_from(MOST_ASKED).unwrap() {
        let _ = checks.wait(digest(byte), "weather", waiter(byte.into()));
    }
    let first = checks.next_question().unwrap();
    while checks.next_question().is_some() {}
    let _ = checks.end(first.digest);
    assert!(checks.next_question().is_some());
}
