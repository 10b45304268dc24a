//! A machine that does not know everything yet.

use std::time::Duration;

use proxy_wasm_harness::{CalloutAnswer, Outcome};

use crate::world::{ADA, BOB, INVOICES, LONGEST_PAUSE, ORDERS, World, request};

#[test]
fn a_machine_that_never_reached_the_registry_answers_503_and_heals_by_itself() {
    let mut world = World::unsettled("{}");
    world.pass(Duration::from_mins(1));
    let outcome = world.send(ORDERS, ADA);
    let reply = outcome.local_reply().expect("the filter answers");
    assert_eq!(reply.status(), Some(503), "threat 58: closed, never open");
    assert!(
        reply.headers.contains("retry-after"),
        "threat 58: a client learns that it is not its key"
    );
    world.connect();
    world.pass(LONGEST_PAUSE);
    let status = world.status(ORDERS, ADA);
    assert_eq!(status, Some(200), "threat 58: heals without a new machine");
    assert_eq!(world.vm.reloads(), 0);
}

#[test]
fn a_complete_machine_refuses_unknown_keys_without_asking() {
    let mut world = World::complete();
    for number in 0..100 {
        let status = world.status(ORDERS, &format!("nobodys-key-number-{number}"));
        assert_eq!(status, Some(401), "threat 56: the table says no");
    }
    assert_eq!(world.checks(), 0, "threat 42: a flood asks nothing");
}

#[test]
fn three_hundred_requests_with_one_key_ask_once() {
    let mut world = World::with_services_only(|_| CalloutAnswer::Pending);
    let waiting: Vec<_> = (0..300)
        .map(|_| world.vm.begin(request(ORDERS, ADA)))
        .collect();
    world.vm.settle();
    assert_eq!(world.checks(), 1, "threats 41 and V7: one question per key");
    // All but the last client leave.
    let (last, gone) = waiting.split_last().expect("there are some");
    for exchange in gone {
        world.vm.disconnect(*exchange);
    }
    world.vm.settle();
    answer_checks(&mut world);
    let outcome = world.vm.outcome(*last);
    assert_eq!(
        outcome.status(),
        Some(200),
        "threat 21: who stays is served"
    );
    world.assert_alive();
}

#[test]
fn an_answer_nobody_waits_for_any_more_does_no_harm() {
    let mut world = World::with_services_only(|_| CalloutAnswer::Pending);
    for _ in 0..100 {
        let exchange = world.vm.begin(request(ORDERS, ADA));
        world.vm.settle();
        world.vm.disconnect(exchange);
    }
    answer_checks(&mut world);
    world.assert_alive();
    world.be_honest();
    let status = world.status(ORDERS, ADA);
    assert_eq!(status, Some(200), "threat 21: no trap, no leak");
}

#[test]
fn swapped_answers_about_two_keys_admit_neither() {
    let mut world = World::with_services_only(|_| CalloutAnswer::Pending);
    let ada = world.vm.begin(request(ORDERS, ADA));
    let bob = world.vm.begin(request(INVOICES, BOB));
    world.vm.settle();
    let [of_ada, of_bob] = world.open_checks().try_into().expect("two questions");
    let (truth_of_ada, truth_of_bob) = (world.truth(&of_ada), world.truth(&of_bob));
    world.vm.answer(of_ada.token, truth_of_bob);
    world.vm.answer(of_bob.token, truth_of_ada);
    for exchange in [ada, bob] {
        let outcome = world.vm.outcome(exchange);
        assert_eq!(outcome.status(), Some(503), "threat 39: it names the key");
        assert!(!outcome.is_forwarded(), "threat 39: denied");
    }
}

#[test]
fn a_question_without_an_answer_ends_in_503_within_the_deadline() {
    let mut world = World::with_services_only(|_| CalloutAnswer::Pending);
    // More than are asked at once: the rest waits for its turn, and that has a deadline too.
    let waiting: Vec<_> = (0..200)
        .map(|number| world.vm.begin(request(ORDERS, &format!("key-{number}"))))
        .collect();
    world.pass(Duration::from_millis(1_200));
    for exchange in waiting {
        let outcome: Outcome = world.vm.outcome(exchange);
        assert_eq!(outcome.status(), Some(503), "threat 60: it never hangs");
    }
    assert!(world.checks() <= 200, "threat 42: no question is repeated");
}

fn answer_checks(world: &mut World) {
    for callout in world.open_checks() {
        let truth = world.truth(&callout);
        world.vm.answer(callout.token, truth);
    }
}
