use keystile_protocol::application::{ApplicationState, Credential};
use keystile_protocol::id::ServiceId;
use keystile_protocol::key::ApiKey;
use keystile_protocol::service::{Access, KeyAuth};
use uuid::Uuid;

use super::*;

fn application(number: u128) -> Entry {
    Entry::Application(Application {
        id: ApplicationId(Uuid::from_u128(number)),
        name: format!("application {number}"),
        reference: None,
        groups: Vec::new(),
        approved: Vec::new(),
        state: ApplicationState::Active,
    })
}

fn digest(number: u128) -> KeyDigest {
    ApiKey::new(number.to_be_bytes()).digest()
}

fn credential(number: u128, application: u128) -> Entry {
    Entry::Credential(Credential {
        id: CredentialId(Uuid::from_u128(number)),
        digest: digest(number),
        application: ApplicationId(Uuid::from_u128(application)),
        expires_at_ms: None,
    })
}

fn service(number: u128, name: &str) -> Entry {
    Entry::Service(Service {
        id: ServiceId(Uuid::from_u128(number)),
        name: name.to_owned(),
        access: Access::AnyKey,
        key_auth: KeyAuth::default(),
        acl: None,
    })
}

fn removed_credential(number: u128) -> Entry {
    Entry::Removed(Removed::Credential(CredentialId(Uuid::from_u128(number))))
}

fn removed_application(number: u128) -> Entry {
    Entry::Removed(Removed::Application(ApplicationId(Uuid::from_u128(number))))
}

fn table(entries: impl IntoIterator<Item = Entry>) -> Table {
    let mut table = Table::default();
    entries.into_iter().for_each(|entry| table.apply(entry));
    table
}

fn holder(table: &Table, number: u128) -> Option<u128> {
    table
        .find_holder(&digest(number))
        .map(|holder| holder.application.id.0.as_u128())
}

#[test]
fn a_key_leads_to_its_application() {
    let table = table([application(1), credential(10, 1)]);
    assert_eq!(holder(&table, 10), Some(1));
    assert_eq!(holder(&table, 11), None);
}

#[test]
fn a_key_is_unknown_until_its_application_comes() {
    let mut table = table([credential(10, 1)]);
    assert_eq!(holder(&table, 10), None);
    table.apply(application(1));
    assert_eq!(holder(&table, 10), Some(1));
}

#[test]
fn a_removed_credential_is_unknown() {
    let table = table([application(1), credential(10, 1), removed_credential(10)]);
    assert_eq!(holder(&table, 10), None);
    assert_eq!(table.counts().credentials, 0);
}

#[test]
fn a_removed_application_takes_its_keys_along() {
    let mut table = table([application(1), credential(10, 1), removed_application(1)]);
    assert_eq!(holder(&table, 10), None);
    table.sweep(usize::MAX);
    assert_eq!(table.counts(), Counts::default(), "nothing is kept of it");
}

#[test]
fn a_changed_credential_is_only_found_by_its_new_digest() {
    let mut table = table([application(1), credential(10, 1)]);
    table.apply(Entry::Credential(Credential {
        id: CredentialId(Uuid::from_u128(10)),
        digest: digest(11),
        application: ApplicationId(Uuid::from_u128(1)),
        expires_at_ms: Some(5),
    }));
    assert_eq!(holder(&table, 10), None);
    assert_eq!(holder(&table, 11), Some(1));
    assert_eq!(table.counts().credentials, 1);
}

#[test]
fn an_application_is_replaced_without_touching_its_keys() {
    let mut table = table([application(1), credential(10, 1)]);
    table.apply(application(1));
    assert_eq!(holder(&table, 10), Some(1));
    assert_eq!(table.counts().applications, 1);
}

#[test]
fn what_is_not_sent_again_is_unknown_at_once_and_freed_by_the_sweep() {
    let mut table = table([
        application(1),
        credential(10, 1),
        application(2),
        credential(20, 2),
        service(3, "old"),
        service(4, "kept"),
    ]);
    table.start_over();
    assert_eq!(holder(&table, 10), None, "its removal may have been missed");
    for entry in [service(4, "kept"), application(2), credential(20, 2)] {
        table.apply(entry);
    }
    assert_eq!(holder(&table, 20), Some(2));
    table.sweep(usize::MAX);
    assert_eq!(holder(&table, 20), Some(2));
    assert!(table.find_service("kept").is_some());
    assert!(table.find_service("old").is_none());
    let one_each = Counts {
        services: 1,
        applications: 1,
        credentials: 1,
    };
    assert_eq!(table.counts(), one_each);
}

#[test]
fn an_application_sent_again_does_not_revive_a_key_that_was_not() {
    let mut table = table([application(1), credential(10, 1)]);
    table.start_over();
    table.apply(application(1));
    assert_eq!(holder(&table, 10), None);
}

#[test]
fn a_sweep_in_slices_ends_where_one_in_a_piece_does() {
    let mut table = table((1..50).flat_map(|n| [application(n), credential(n, n)]));
    table.start_over();
    table.apply(application(7));
    table.apply(credential(7, 7));
    for _ in 0..200 {
        table.sweep(1);
    }
    assert_eq!(holder(&table, 7), Some(7));
    assert_eq!(table.counts().credentials, 1);
    assert_eq!(table.counts().applications, 1);
}

#[test]
fn a_name_taken_over_survives_the_old_services_removal() {
    let mut table = table([service(1, "weather"), service(2, "weather")]);
    table.apply(Entry::Removed(Removed::Service(ServiceId(
        Uuid::from_u128(1),
    ))));
    let id = table.find_service("weather").map(|service| service.id.0);
    assert_eq!(id, Some(Uuid::from_u128(2)));
}

#[test]
fn many_keys_are_all_found() {
    let table = table((1..5000).flat_map(|n| [application(n % 70 + 1), credential(n, n % 70 + 1)]));
    for number in 1..5000 {
        assert_eq!(
            holder(&table, number),
            Some(number % 70 + 1),
            "key {number}"
        );
    }
}
