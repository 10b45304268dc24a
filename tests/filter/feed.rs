//! What the feed tells, and what becomes of it when it is told twice, out of turn or anew.

use cases::resident::Reading;
use keystile_registry::storage::{Write, credential, service};
use proxy_wasm_harness::Callout;

use crate::world::{ADA, BOB, Catalogue, INVOICES, LONGEST_PAUSE, ORDERS, SPARE, World};

#[test]
fn a_removed_key_is_refused_and_the_others_are_not() {
    let mut world = World::complete();
    world.change(remove_key_of_ada);
    assert_eq!(
        world.status(ORDERS, ADA),
        Some(401),
        "threat 45: it is gone"
    );
    assert_eq!(world.status(INVOICES, BOB), Some(200));
}

#[test]
fn a_key_that_was_denied_is_accepted_once_it_exists() {
    let mut world = World::complete();
    assert_eq!(world.status(ORDERS, SPARE), Some(401));
    world.change(add_spare);
    let status = world.status(ORDERS, SPARE);
    assert_eq!(
        status,
        Some(200),
        "threat 40: \"unknown\" is not remembered"
    );
}

#[test]
fn a_removed_service_admits_nobody_and_a_new_one_does() {
    let mut world = World::complete();
    let orders = world.catalogue.orders.clone();
    world.change(async |_, write| service::remove(write, orders.id).await.unwrap());
    assert_eq!(world.status(ORDERS, ADA), Some(403), "it is mapped no more");
    world.change(async |_, write| service::add(write, &orders).await.unwrap());
    assert_eq!(world.status(ORDERS, ADA), Some(200));
}

#[test]
fn what_another_history_does_not_tell_is_gone() {
    let mut world = World::complete();
    world.restore();
    world.change_silently(remove_key_of_ada);
    world.cut_off();
    world.connect();
    world.pass(LONGEST_PAUSE);
    let status = world.status(ORDERS, ADA);
    assert_eq!(
        status,
        Some(401),
        "threats 45 and 49: not sent again, so gone"
    );
    let status = world.status(INVOICES, BOB);
    assert_eq!(status, Some(200), "threat 49: what was sent again is there");
    world.change(add_spare);
    let status = world.status(ORDERS, SPARE);
    assert_eq!(status, Some(200), "threat 49: the new history is followed");
}

#[test]
fn a_page_that_comes_twice_brings_no_revoked_key_back() {
    let mut world = World::complete();
    world.change_silently(add_spare);
    let poll = world.open_poll();
    let first = world.truth(&poll);
    world.vm.answer(poll.token, first.clone());
    assert_eq!(world.status(ORDERS, SPARE), Some(200));
    world.change(async |catalogue, write| {
        let gone = catalogue.ada.spare.id;
        credential::remove(write, gone).await.unwrap();
    });
    assert_eq!(world.status(ORDERS, SPARE), Some(401));
    let poll = world.open_poll();
    world.vm.answer(poll.token, first);
    let status = world.status(ORDERS, SPARE);
    assert_eq!(status, Some(401), "threats 46 and 50: it never goes back");
    world.pass(LONGEST_PAUSE);
    assert_eq!(world.status(ORDERS, SPARE), Some(401));
    assert_eq!(world.status(INVOICES, BOB), Some(200));
}

#[test]
fn pages_out_of_turn_end_where_pages_in_turn_do() {
    let mut world = World::complete();
    let poll = world.open_poll();
    world.change_silently(remove_key_of_ada);
    let first = world.truth(&poll);
    world.change_silently(add_spare);
    let second = world.truth(&poll_after(&poll, 1));
    world.vm.answer(poll.token, second);
    assert_eq!(
        world.status(ORDERS, SPARE),
        Some(401),
        "threat 46: not its turn"
    );
    world.pass(LONGEST_PAUSE);
    assert_eq!(
        world.status(ORDERS, ADA),
        Some(401),
        "threat 46: asked again"
    );
    assert_eq!(
        world.status(ORDERS, SPARE),
        Some(200),
        "threat 46: asked again"
    );
    let poll = world.open_poll();
    world.vm.answer(poll.token, first);
    world.pass(LONGEST_PAUSE);
    assert_eq!(world.status(ORDERS, ADA), Some(401));
    assert_eq!(
        world.status(ORDERS, SPARE),
        Some(200),
        "threat 46: as a whole"
    );
}

/// Returns a poll as a reader would send it that is so many revisions ahead.
pub(crate) fn poll_after(poll: &Callout, ahead: i64) -> Callout {
    let path = poll.path().unwrap();
    let reading = Reading::parse(path).unwrap();
    let (now, then) = (
        format!("after={}&", reading.after),
        format!("after={}&", reading.after + ahead),
    );
    let mut poll = poll.clone();
    poll.headers.set(":path", path.replace(&now, &then));
    poll
}

async fn remove_key_of_ada(catalogue: &Catalogue, write: &mut Write) {
    let gone = catalogue.ada.credential.id;
    credential::remove(write, gone).await.unwrap();
}

async fn add_spare(catalogue: &Catalogue, write: &mut Write) {
    let new = &catalogue.ada.spare;
    credential::add(write, new).await.unwrap();
}
