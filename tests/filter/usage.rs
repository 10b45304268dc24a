//! What the registry learns of what keys are used for.

use std::time::Duration;

use keystile_registry::storage::usage::{Dimension, Question, query};
use proxy_wasm_harness::{CalloutAnswer, HostCall, Status};

use crate::world::{ADA, INVOICES, ORDERS, World};

/// Longer than it takes to send a report.
const REPORTED: Duration = Duration::from_secs(70);

#[test]
fn good_keys_are_counted_by_status_and_others_are_not() {
    let mut world = World::complete();
    use_keys(&mut world);
    for _ in 0..5 {
        assert_eq!(world.status(ORDERS, "nobodys-key"), Some(401));
    }
    world.pass(REPORTED);
    assert_eq!(counted(&world), [(200, 3), (403, 2)]);
    use_keys(&mut world);
    world.pass(REPORTED);
    assert_eq!(counted(&world), [(200, 6), (403, 4)]);
}

#[test]
fn a_request_that_waited_for_the_registry_is_counted_too() {
    let mut world = World::with_services_only(Into::into);
    assert_eq!(world.status(ORDERS, ADA), Some(200));
    world.pass(REPORTED);
    assert_eq!(counted(&world), [(200, 1)]);
}

#[test]
fn an_outage_loses_no_use_and_counts_none_twice() {
    let mut world = World::complete();
    use_keys(&mut world);
    world.cut_off();
    world.pass(3 * REPORTED);
    use_keys(&mut world);
    assert_eq!(counted(&world), [], "nothing arrived");
    world.connect();
    world.pass(3 * REPORTED);
    assert_eq!(counted(&world), [(200, 6), (403, 4)]);
}

#[test]
fn a_report_whose_answer_is_lost_counts_once() {
    let mut world = World::complete();
    let honest = world.uplink.clone();
    world.lie(move |callout| {
        let is_report = callout.path() == Some("/gateway/v1/usage");
        is_report.then(|| {
            // It arrives, and the answer does not.
            let _ = honest.answer(callout);
            CalloutAnswer::Reset
        })
    });
    use_keys(&mut world);
    world.pass(5 * REPORTED);
    world.be_honest();
    world.pass(REPORTED);
    assert_eq!(counted(&world), [(200, 3), (403, 2)]);
}

#[test]
fn a_host_that_tells_no_status_loses_no_request() {
    let mut world = World::complete();
    world
        .vm
        .fault(HostCall::GetProperty, Status::InternalFailure);
    let status = world.status(ORDERS, ADA);
    assert_ne!(status, Some(200), "no service can be read");
    world.vm.clear_faults();
    use_keys(&mut world);
    world.pass(REPORTED);
    world.assert_alive();
    assert_eq!(counted(&world), [(200, 3), (403, 2)]);
}

/// Sends three requests that are admitted, and two that are not.
fn use_keys(world: &mut World) {
    for _ in 0..3 {
        assert_eq!(world.status(ORDERS, ADA), Some(200));
    }
    for _ in 0..2 {
        assert_eq!(world.status(INVOICES, ADA), Some(403));
    }
}

fn counted(world: &World) -> Vec<(u16, i64)> {
    let question = Question {
        until_ms: i64::MAX,
        by: vec![Dimension::Status],
        ..Question::default()
    };
    let figures = world.ask(async |storage| {
        let mut snapshot = storage.read().await.unwrap();
        query(&mut snapshot, &question).await.unwrap()
    });
    let statuses = figures.iter().map(|figure| {
        let requests = figure.latencies.requests();
        (figure.status.unwrap(), requests)
    });
    statuses.collect()
}
