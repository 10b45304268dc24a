use keystile_protocol::application::ApplicationState;
use keystile_protocol::id::{ApplicationId, CredentialId, ServiceId};
use keystile_protocol::key::ApiKey;
use keystile_protocol::service::{Access, KeyAuth, Service};
use keystile_protocol::state::Removed;
use uuid::Uuid;

use super::super::Counts;
use super::*;

const NOW: Timestamp = Timestamp(1_000_000);

fn table(max_entries: usize) -> Table {
    Table::bounded(Bounds {
        max_entries,
        negative_ttl_ms: 5_000,
    })
}

fn application(number: u128, name: &str) -> Application {
    Application {
        id: ApplicationId(Uuid::from_u128(number)),
        name: name.to_owned(),
        reference: None,
        groups: Vec::new(),
        approved: Vec::new(),
        state: ApplicationState::Active,
    }
}

fn digest(number: u128) -> KeyDigest {
    ApiKey::new(number.to_be_bytes()).digest()
}

fn credential(number: u128, application: u128) -> Credential {
    Credential {
        id: CredentialId(Uuid::from_u128(number)),
        digest: digest(number),
        application: ApplicationId(Uuid::from_u128(application)),
        expires_at_ms: None,
    }
}

fn service(anonymous: Option<u128>) -> Entry {
    Entry::Service(Service {
        id: ServiceId(Uuid::from_u128(1)),
        name: "weather".to_owned(),
        access: Access::AnyKey,
        key_auth: KeyAuth {
            anonymous: anonymous.map(|number| ApplicationId(Uuid::from_u128(number))),
            ..KeyAuth::default()
        },
        acl: None,
    })
}

fn hold(table: &mut Table, number: u128, of: u128) {
    table.hold(credential(number, of), application(of, "held"));
}

fn name(table: &Table, number: u128) -> Option<&str> {
    let holder = table.find_holder(&digest(number))?;
    Some(&holder.application.name)
}

#[test]
fn what_the_feed_tells_of_nothing_held_is_not_held() {
    let mut table = table(10);
    table.apply(Entry::Application(application(1, "one")));
    table.apply(Entry::Credential(credential(10, 1)));
    assert_eq!(table.counts(), Counts::default());
}

#[test]
fn what_the_feed_tells_of_what_is_held_is_taken_in() {
    let mut table = table(10);
    hold(&mut table, 10, 1);
    table.apply(Entry::Application(application(1, "renamed")));
    table.apply(Entry::Credential(Credential {
        expires_at_ms: Some(5),
        ..credential(10, 1)
    }));
    assert_eq!(name(&table, 10), Some("renamed"));
    let holder = table.find_holder(&digest(10));
    assert_eq!(holder.and_then(|holder| holder.expires_at_ms), Some(5));
    table.apply(Entry::Removed(Removed::Credential(CredentialId(
        Uuid::from_u128(10),
    ))));
    assert_eq!(table.counts(), Counts::default(), "nor is its application");
}

#[test]
fn there_are_never_more_entries_than_allowed() {
    let mut table = table(3);
    for number in 1..100 {
        hold(&mut table, number, number);
        assert_eq!(name(&table, number), Some("held"));
    }
    let counts = table.counts();
    assert_eq!((counts.credentials, counts.applications), (3, 3));
}

#[test]
fn what_is_used_outlives_what_is_not() {
    let mut table = table(10);
    for number in 1..100 {
        hold(&mut table, number, 1);
        assert_eq!(name(&table, 1), Some("held"), "after {number}");
    }
}

#[test]
fn an_application_that_a_service_names_is_held_while_it_does() {
    let mut table = table(10);
    let id = ApplicationId(Uuid::from_u128(7));
    table.apply(service(Some(7)));
    table.apply(Entry::Application(application(7, "anonymous")));
    hold(&mut table, 10, 7);
    table.apply(Entry::Removed(Removed::Credential(CredentialId(
        Uuid::from_u128(10),
    ))));
    assert!(table.find_application(id).is_some());
    table.apply(service(None));
    assert_eq!(table.find_application(id), None);
    assert_eq!(table.counts().applications, 0);
}

#[test]
fn an_application_named_by_a_service_that_is_not_sent_again_is_freed() {
    let mut table = table(10);
    table.apply(service(Some(7)));
    table.apply(Entry::Application(application(7, "anonymous")));
    table.start_over();
    table.sweep(usize::MAX);
    assert_eq!(table.counts(), Counts::default());
}

#[test]
fn a_new_history_makes_what_is_held_unknown_at_once() {
    let mut table = table(10);
    hold(&mut table, 10, 1);
    table.hold_unknown(digest(11), NOW);
    table.start_over();
    assert_eq!(name(&table, 10), None);
    assert!(!table.is_unknown(&digest(11), NOW));
}

#[test]
fn a_key_is_unknown_for_as_long_as_configured() {
    let mut table = table(10);
    table.hold_unknown(digest(11), NOW);
    assert!(table.is_unknown(&digest(11), Timestamp(NOW.0 + 4_999)));
    assert!(!table.is_unknown(&digest(11), Timestamp(NOW.0 + 5_000)));
}

#[test]
fn a_key_that_gets_a_credential_is_no_longer_unknown() {
    let mut table = table(10);
    table.hold_unknown(digest(11), NOW);
    table.apply(Entry::Credential(credential(11, 1)));
    assert!(!table.is_unknown(&digest(11), NOW));
}
