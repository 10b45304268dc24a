//! What time does: to what is known, to keys, and when the clock jumps.

use std::time::Duration;

use cases::uplink::timestamp;
use keystile_registry::storage::credential;

use crate::world::{ADA, BOB, INVOICES, ORDERS, World};

const SECOND: Duration = Duration::from_secs(1);

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
