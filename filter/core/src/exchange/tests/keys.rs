//! What a key decides: by what is known, or by what the registry answers.

use keystile_protocol::check::{CheckResponse, Outcome};

use super::*;
use crate::checks::Waiter;

#[test]
fn a_good_key_goes_upstream_as_its_application_without_the_key() {
    let changes = changes(Filter::new(|_| ()).send(&[("apikey", "good")]));
    let id = Uuid::from_u128(1).to_string();
    assert_eq!(consumer_id(&changes), Some(id.as_str()));
    assert_eq!(changes.removed().collect::<Vec<_>>(), [b"apikey"]);
}

#[test]
fn no_key_and_a_wrong_key_are_refused() {
    let filter = Filter::new(|_| ());
    for (headers, why) in [
        (&[][..], Denial::NoKey),
        (&[("apikey", "bad")], Denial::UnknownKey),
        (
            &[("apikey", "good"), ("apikey", "good")],
            Denial::DuplicateKey,
        ),
    ] {
        assert_eq!(denial(&filter.send(headers)), Some(why), "{headers:?}");
    }
}

#[test]
fn a_complete_table_knows_a_wrong_key_without_asking() {
    let conclusion = Filter::new(|_| ()).send(&[("apikey", "bad")]);
    assert_eq!(denial(&conclusion), Some(Denial::UnknownKey));
}

/// Asks about a key in a warming filter, gives the answer, and returns what becomes of the request.
fn checked(key: &str, answer: impl FnOnce(KeyDigest) -> Option<Outcome>) -> Conclusion {
    let mut filter = Filter::warming();
    let Step::PauseForCheck(request) = filter.begin(&[("apikey", key)]) else {
        panic!("does not ask");
    };
    let digest = request.digest;
    let waiter = Waiter {
        context_id: 1,
        since: NOW,
        patience_ms: 500,
    };
    let _ = filter
        .replica
        .checks
        .wait(digest, request.service(), waiter);
    assert!(filter.replica.checks.next_question().is_some());
    let bytes = answer(digest).map(|outcome| {
        wire::encode(&CheckResponse {
            epoch: Epoch(Uuid::from_u128(9)),
            revision: 5,
            digest,
            outcome,
        })
        .unwrap()
    });
    let answer = bytes
        .as_deref()
        .map_or(Answer::Unreachable, Answer::Registry);
    assert_eq!(filter.replica.on_check(digest, answer, NOW), [waiter]);
    request.on_check(filter.view())
}

#[test]
fn while_warming_the_registry_is_asked() {
    let found = checked("good", |_| {
        Some(Outcome::Found {
            credential: credential(),
            application: application(),
        })
    });
    assert!(consumer_id(&changes(found)).is_some());
    let unknown = checked("bad", |_| Some(Outcome::Unknown));
    assert_eq!(denial(&unknown), Some(Denial::UnknownKey));
}

#[test]
fn when_the_registry_cannot_be_asked_nothing_is_decided() {
    let conclusion = checked("good", |_| None);
    assert_eq!(denial(&conclusion), Some(Denial::Undecidable));
}
