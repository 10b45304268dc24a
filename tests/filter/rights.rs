//! What an application, its developer, its registration and its key are allowed, and for how long.

use keystile_registry::domain::developer::DeveloperStatus;
use keystile_registry::domain::registration::RegistrationStatus;
use keystile_registry::storage::{Write, application, credential, developer, registration};

use crate::world::{ADA, BOB, Catalogue, INVOICES, ORDERS, World};

#[test]
fn a_suspended_application_is_known_and_refused_until_it_is_not() {
    let mut world = World::complete();
    world.change(async |catalogue, write| {
        let mut changed = catalogue.ada.application.clone();
        changed.suspended_at = Some(changed.created_at);
        application::update(write, &changed).await.unwrap();
    });
    assert_ada(&mut world, 403, "threat 35: a known key without a grant");
    world.change(async |catalogue, write| {
        let changed = &catalogue.ada.application;
        application::update(write, changed).await.unwrap();
    });
    assert_ada(&mut world, 200, "threat 35: and back");
}

#[test]
fn the_keys_of_a_developer_who_is_no_longer_approved_are_known_and_refused() {
    let mut world = World::complete();
    for status in [DeveloperStatus::Revoked, DeveloperStatus::Pending] {
        world.change(async |catalogue, write| {
            let mut changed = catalogue.ada.developer.clone();
            changed.status = status;
            developer::update(write, &changed).await.unwrap();
        });
        assert_ada(&mut world, 403, "threat 35: a known key without a grant");
        world.change(async |catalogue, write| {
            let changed = &catalogue.ada.developer;
            developer::update(write, changed).await.unwrap();
        });
        assert_ada(&mut world, 200, "threat 35: and back");
    }
}

#[test]
fn only_an_approved_registration_gives_access() {
    let mut world = World::complete();
    for status in [
        RegistrationStatus::Revoked,
        RegistrationStatus::Pending,
        RegistrationStatus::Rejected,
    ] {
        world.change(async |catalogue, write| register(catalogue, write, status).await);
        assert_ada(&mut world, 403, "threat 35: a known key without a grant");
        let approved = RegistrationStatus::Approved;
        world.change(async |catalogue, write| register(catalogue, write, approved).await);
        assert_ada(&mut world, 200, "threat 35: and back");
    }
    world.change(async |catalogue, write| {
        let gone = &catalogue.ada.registration;
        registration::remove(write, gone).await.unwrap();
    });
    assert_ada(&mut world, 403, "threat 35: no registration at all");
}

#[test]
fn a_suspended_key_is_unknown_until_it_is_not() {
    let mut world = World::complete();
    world.change(async |catalogue, write| {
        let mut changed = catalogue.ada.credential.clone();
        changed.suspended_at = Some(changed.created_at);
        credential::update(write, &changed).await.unwrap();
    });
    assert_ada(&mut world, 401, "threat 35: no such key");
    world.change(async |catalogue, write| {
        let changed = &catalogue.ada.credential;
        credential::update(write, changed).await.unwrap();
    });
    assert_ada(&mut world, 200, "threat 35: and back");
}

#[test]
fn the_keys_of_a_deleted_application_are_unknown() {
    let mut world = World::complete();
    world.change(async |catalogue, write| {
        let gone = catalogue.ada.application.id;
        application::remove(write, gone).await.unwrap();
    });
    assert_ada(&mut world, 401, "threat 35: no such key");
}

#[test]
fn two_applications_never_get_each_others_answers() {
    let mut world = World::complete();
    for turn in 0..250 {
        for (service, key, expected) in [
            (ORDERS, ADA, 200),
            (INVOICES, ADA, 403),
            (ORDERS, BOB, 403),
            (INVOICES, BOB, 200),
        ] {
            let outcome = world.send(service, key);
            let status = outcome.status();
            assert_eq!(status, Some(expected), "threat 36: turn {turn}, {service}");
            let Some(upstream) = outcome.upstream else {
                continue;
            };
            let caller = upstream.headers.text("x-consumer-username");
            assert_eq!(caller, Some(key), "threat 36: applications are named so");
        }
    }
}

/// Asserts what Ada's key gets, and that Bob's is not touched by it.
fn assert_ada(world: &mut World, status: u16, why: &str) {
    assert_eq!(world.status(ORDERS, ADA), Some(status), "{why}");
    let bob = world.status(INVOICES, BOB);
    assert_eq!(bob, Some(200), "{why}: Bob has no part in it");
}

async fn register(catalogue: &Catalogue, write: &mut Write, status: RegistrationStatus) {
    let mut changed = catalogue.ada.registration.clone();
    changed.status = status;
    registration::update(write, &changed).await.unwrap();
}
