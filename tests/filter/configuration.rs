//! What a change of the plugin configuration does, and which are refused.

use keystile_registry::storage::credential;
use proxy_wasm_harness::{CalloutAnswer, Exchange};

use crate::world::{ADA, BOB, INVOICES, ORDERS, World, request};

#[test]
fn a_configuration_that_is_refused_names_the_field_and_changes_nothing() {
    let mut world = World::complete();
    for (configuration, named) in [
        (r#"{"unmaped":"allow"}"#, "`unmaped`"),
        (r#"{"registry":{"timeout_ms":0}}"#, "`registry.timeout_ms`"),
        (r#"{"body":{"max_bytes":99999999}}"#, "`body.max_bytes`"),
        (r#"{"max_stale_s":"#, "EOF"),
        // What Envoy hands over for a `Struct`: protobuf.
        ("\n\u{10}\n\u{4}mode", "google.protobuf.StringValue"),
    ] {
        let refused = world.vm.update_configuration(configuration);
        let message = refused.expect_err("threat 25: refused").to_string();
        assert!(message.contains(named), "threat 25: {message}");
        let start = World::plugin().configuration(configuration).start();
        let message = start.expect_err("threat 25: refused at start").to_string();
        assert!(message.contains(named), "threat 25: {message}");
        let status = world.status(ORDERS, ADA);
        assert_eq!(status, Some(200), "threat 25: the old one decides");
    }
    world.assert_alive();
}

#[test]
fn two_configurations_of_one_machine_share_one_feed() {
    let mut world = World::complete();
    let second = r#"{"unmapped":"allow"}"#;
    world.vm.update_configuration(second).unwrap();
    world.pass(cases::uplink::START);
    assert_eq!(world.vm.root_contexts(), 2, "both are there");
    // Fails if there are two.
    let _ = world.open_poll();
    let status = world.status(ORDERS, ADA);
    assert_eq!(status, Some(200), "one table, one feed");
    let unmapped = Exchange::get("/").send(&mut world.vm);
    assert_eq!(unmapped.status(), Some(200), "threat 27: the second's own");
}

#[test]
fn two_registries_of_one_machine_know_nothing_of_each_other() {
    let mut world = World::complete();
    world.restore();
    world.change_silently(async |catalogue, write| {
        let gone = catalogue.ada.credential.id;
        credential::remove(write, gone).await.unwrap();
    });
    world.connect_cluster("second");
    let second = r#"{"registry":{"cluster":"second"}}"#;
    world.vm.update_configuration(second).unwrap();
    let status = world.status(ORDERS, ADA);
    assert_eq!(status, Some(503), "threat 27: it has read nothing yet");
    world.pass(cases::uplink::START);
    let status = world.status(ORDERS, ADA);
    assert_eq!(status, Some(401), "threat 27: the other's keys are unknown");
    assert_eq!(world.status(INVOICES, BOB), Some(200));
}

#[test]
fn a_request_that_waits_survives_the_end_of_the_root_that_asked() {
    let mut world = World::with_services_only(|_| CalloutAnswer::Pending);
    let waiting = world.vm.begin(request(ORDERS, ADA));
    world.vm.settle();
    world
        .vm
        .update_configuration(r#"{"max_stale_s":60}"#)
        .unwrap();
    world.be_honest();
    world.vm.drain();
    world.pass(cases::uplink::START);
    let status = world.vm.outcome(waiting).status();
    assert_eq!(status, Some(200), "threat 26: the new root asks again");
    world.assert_alive();
}
