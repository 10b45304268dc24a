//! What holds for every request, tried on many made from a fixed seed.

mod generator;
mod laws;

use serde_json::{Map, Value};

use crate::extract::Found;
use crate::json;
use generator::{Generator, SECRET};
use laws::{NAMES, Request};

const ROUNDS: u64 = 4000;

fn every_request() -> impl Iterator<Item = Request> {
    (1..=ROUNDS).flat_map(|seed| {
        let mut generator = Generator::new(seed);
        [generator.clear_request(), generator.broken_request()]
    })
}

fn clear_requests() -> impl Iterator<Item = Request> {
    (1..=ROUNDS).map(|seed| Generator::new(seed).clear_request())
}

fn is_json(request: &Request) -> bool {
    let mut values = request.headers.iter().map(|(_, value)| value);
    values.any(|value| value == b"application/json")
}

#[test]
fn a_concealed_request_has_no_key() {
    for request in every_request() {
        laws::has_no_key_once_concealed(&request);
    }
}

#[test]
fn the_secret_is_gone_from_a_request_that_can_be_read() {
    for request in clear_requests() {
        let concealed = request.conceal().text();
        assert!(!concealed.contains(SECRET), "{}", request.text());
    }
}

#[test]
fn nothing_is_added_or_moved() {
    for request in every_request() {
        laws::has_nothing_added_or_moved(&request);
    }
}

#[test]
fn concealing_twice_is_concealing_once() {
    for request in every_request() {
        laws::is_concealed_once(&request);
    }
}

#[test]
fn a_request_without_the_names_is_left_alone() {
    for request in every_request() {
        let concealed = request.conceal_names(&["other", "an_other"]);
        assert_eq!(concealed, request, "{}", request.text());
    }
}

#[test]
fn a_json_object_keeps_every_other_member() {
    let parse = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap();
    for request in clear_requests().filter(is_json) {
        let mut expected = parse(&request.body);
        for name in NAMES {
            expected.as_object_mut().unwrap().remove(name);
        }
        assert_eq!(
            parse(&request.conceal().body),
            expected,
            "{}",
            request.text()
        );
    }
}

#[test]
fn a_json_object_is_what_serde_json_takes_for_one() {
    for request in every_request().filter(is_json) {
        let theirs = serde_json::from_slice::<Map<String, Value>>(&request.body);
        let ours = json::scan(&request.body, usize::MAX, |_| {});
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{}", request.text());
    }
}

#[test]
fn the_requests_are_worth_trying() {
    let count =
        |wanted: fn(&Found) -> bool| every_request().filter(|it| wanted(&it.find())).count();
    for (found, times) in [
        ("a key", count(|found| matches!(found, Found::Key(_)))),
        ("nothing", count(|found| *found == Found::Nothing)),
        ("a duplicate", count(|found| *found == Found::Duplicate)),
    ] {
        assert!(times > 500, "{found} was found {times} times");
    }
}
