//! What time does: to what is known, to keys, and when the clock jumps.

use std::time::Duration;

use cases::uplink::timestamp;
use keystile_registry::storage::credential;

use crate::world::{ADA, BOB, INVOICES, LONGEST_PAUSE, ORDERS, World};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

#[test]
fn what_is_too_old_decides_nothing_until_the_registry_is_back() {
    let mut world = World::configured(r#"{"max_stale_s":60}"#);
    world.cut_off();
    world.pass(59 * SECOND);
    let status = world.status(ORDERS, ADA);
    assert_eq!(status, Some(200), "threat 55: an outage changes nothing");
    let status = world.status(ORDERS, "nobodys");
    assert_eq!(status, Some(401), "threat 56: the table is fresh");
    world.pass(2 * SECOND);
    for key in [ADA, "nobodys"] {
        let reply = world.send(ORDERS, key);
        assert_eq!(reply.status(), Some(503), "threat 57: 503 for all");
        let reply = reply.local_reply().expect("the filter answers");
        assert!(reply.headers.contains("retry-after"), "threat 56");
    }
    world.connect();
    world.pass(LONGEST_PAUSE);
    let status = world.status(ORDERS, ADA);
    assert_eq!(status, Some(200), "threat 57: back within five seconds");
}

#[test]
fn a_registry_without_news_never_looks_lost() {
    let mut world = World::configured(r#"{"max_stale_s":10}"#);
    for second in 0..60 {
        // Its answer to a poll that has waited long enough is an empty page.
        if second % 5 == 0 {
            let poll = world.open_poll();
            let path = poll.path().unwrap().replace("wait_ms=5000", "wait_ms=0");
            let mut answered = poll.clone();
            answered.headers.set(":path", path);
            let truth = world.truth(&answered);
            world.vm.answer(poll.token, truth);
        }
        world.pass(SECOND);
        assert_eq!(world.status(ORDERS, ADA), Some(200), "after {second} s");
    }
}

#[test]
fn a_key_expires_on_the_second_whether_the_registry_is_there_or_not() {
    for is_reachable in [true, false] {
        let mut world = World::complete();
        let end = timestamp(world.vm.now()).plus_ms(30_000);
        world.change(async |catalogue, write| {
            let mut changed = catalogue.ada.credential.clone();
            changed.expires_at = Some(end);
            credential::update(write, &changed).await.unwrap();
        });
        if !is_reachable {
            world.cut_off();
        }
        world.pass(29 * SECOND);
        let status = world.status(ORDERS, ADA);
        assert_eq!(status, Some(200), "threat 33: allowed a second before");
        world.pass(SECOND);
        let status = world.status(ORDERS, ADA);
        assert_eq!(status, Some(401), "threat 33: reachable: {is_reachable}");
        assert_eq!(world.status(INVOICES, BOB), Some(200));
    }
}

#[test]
fn a_key_nobody_used_for_long_is_refused_at_its_first_use_after_its_end() {
    let mut world = World::complete();
    assert_eq!(world.status(ORDERS, ADA), Some(200));
    world.pass(9 * MINUTE);
    world.change(async |catalogue, write| {
        let gone = catalogue.ada.credential.id;
        credential::remove(write, gone).await.unwrap();
    });
    let status = world.status(ORDERS, ADA);
    assert_eq!(status, Some(401), "threat 32: not once more");
    assert_eq!(world.status(INVOICES, BOB), Some(200));
}

#[test]
fn a_registry_whose_clock_is_wrong_ends_keys_by_the_gateways_clock() {
    for skew_ms in [-300_000, 300_000] {
        let mut world = World::complete();
        let end = timestamp(world.vm.now()).plus_ms(600_000);
        world.change(async |catalogue, write| {
            let mut changed = catalogue.ada.credential.clone();
            changed.expires_at = Some(end);
            credential::update(write, &changed).await.unwrap();
        });
        let registry = std::sync::Arc::clone(&world.registry);
        for second in [1, 300, 298] {
            assert_eq!(world.status(ORDERS, ADA), Some(200), "threat 34: {skew_ms}");
            world.pass(second * SECOND);
            registry.set_time(timestamp(world.vm.now()).plus_ms(skew_ms));
            world.vm.offer_callouts_again();
        }
        assert_eq!(world.status(ORDERS, ADA), Some(200), "threat 34: {skew_ms}");
        world.pass(SECOND);
        let status = world.status(ORDERS, ADA);
        assert_eq!(status, Some(401), "threat 34: to the second, at {skew_ms}");
        assert_eq!(
            world.status(INVOICES, BOB),
            Some(200),
            "threat 34: {skew_ms}"
        );
    }
}

#[test]
fn a_clock_that_jumps_ahead_admits_no_expired_key_and_heals() {
    let mut world = World::complete();
    let end = timestamp(world.vm.now()).plus_ms(60_000);
    world.change(async |catalogue, write| {
        let mut changed = catalogue.ada.credential.clone();
        changed.expires_at = Some(end);
        credential::update(write, &changed).await.unwrap();
    });
    world.jump(HOUR + SECOND);
    for (service, key) in [(ORDERS, ADA), (INVOICES, BOB)] {
        let status = world.status(service, key);
        assert_eq!(status, Some(503), "threat 34: too old by the new time");
    }
    world.pass(LONGEST_PAUSE);
    let status = world.status(ORDERS, ADA);
    assert_eq!(status, Some(401), "threat 34: never beyond its end");
    let status = world.status(INVOICES, BOB);
    assert_eq!(status, Some(200), "threat 34: heals by itself");
}
