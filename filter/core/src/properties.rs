//! What holds for every request, tried on many made from a fixed seed.

mod generator;

use core::fmt::Write as _;

use keystile_protocol::service::KeyAuth;
use serde_json::{Map, Value};

use crate::conceal::{conceal_body, conceal_head};
use crate::extract::{Body, Found, find_key};
use crate::json;
use generator::{Generator, Request, SECRET};

const ROUNDS: u64 = 4000;

/// One name has an underscore, so that its header has two spellings.
const NAMES: [&str; 2] = ["k", "l_m"];

fn key_auth(names: &[&str]) -> KeyAuth {
    KeyAuth {
        key_names: names.iter().map(|name| (*name).to_owned()).collect(),
        key_in_body: true,
        ..KeyAuth::default()
    }
}

fn find(request: &Request) -> Found {
    find_key(
        &key_auth(&NAMES),
        &request.head(),
        Body::Whole(&request.body),
    )
}

fn conceal(request: &Request) -> Request {
    conceal_names(&NAMES, request)
}

fn conceal_names(names: &[&str], request: &Request) -> Request {
    let key_auth = key_auth(names);
    let head = request.head();
    let concealment = conceal_head(&key_auth, &head);
    let mut concealed = request.clone();
    concealed
        .headers
        .retain(|(name, _)| !concealment.headers.contains(name));
    if let Some(path) = concealment.path {
        concealed.path = path;
    }
    if let Some(body) = conceal_body(&key_auth, &head, &request.body) {
        concealed.body = body;
    }
    concealed
}

fn is_cut_from(part: &[u8], whole: &[u8]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|byte| rest.any(|other| other == byte))
}

fn text(request: &Request) -> String {
    let mut text = String::from_utf8_lossy(&request.path).into_owned();
    for (name, value) in &request.headers {
        write!(text, "\n{name}: {}", String::from_utf8_lossy(value)).unwrap();
    }
    text + "\n\n" + &String::from_utf8_lossy(&request.body)
}

fn every_request() -> impl Iterator<Item = Request> {
    (1..=ROUNDS).flat_map(|seed| {
        let mut generator = Generator::new(seed);
        [generator.clear_request(), generator.broken_request()]
    })
}

fn clear_requests() -> impl Iterator<Item = Request> {
    (1..=ROUNDS).map(|seed| Generator::new(seed).clear_request())
}

#[test]
fn a_concealed_request_has_no_key() {
    for request in every_request() {
        let concealed = conceal(&request);
        assert_eq!(find(&concealed), Found::Nothing, "{}", text(&request));
    }
}

#[test]
fn the_secret_is_gone_from_a_request_that_can_be_read() {
    for request in clear_requests() {
        let concealed = text(&conceal(&request));
        assert!(!concealed.contains(SECRET), "{}", text(&request));
    }
}

#[test]
fn nothing_is_added_or_moved() {
    for request in every_request() {
        let concealed = conceal(&request);
        assert!(
            is_cut_from(&concealed.path, &request.path)
                && is_cut_from(&concealed.body, &request.body),
            "{}",
            text(&request)
        );
    }
}

#[test]
fn concealing_twice_is_concealing_once() {
    for request in every_request() {
        let once = conceal(&request);
        assert_eq!(conceal(&once), once, "{}", text(&request));
    }
}

#[test]
fn a_request_without_the_names_is_left_alone() {
    for request in every_request() {
        let concealed = conceal_names(&["other", "an_other"], &request);
        assert_eq!(concealed, request, "{}", text(&request));
    }
}

#[test]
fn a_json_object_keeps_every_other_member() {
    let parse = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap();
    for request in clear_requests().filter(Request::is_json) {
        let mut expected = parse(&request.body);
        for name in NAMES {
            expected.as_object_mut().unwrap().remove(name);
        }
        assert_eq!(
            parse(&conceal(&request).body),
            expected,
            "{}",
            text(&request)
        );
    }
}

#[test]
fn a_json_object_is_what_serde_json_takes_for_one() {
    for request in every_request().filter(Request::is_json) {
        let theirs = serde_json::from_slice::<Map<String, Value>>(&request.body);
        let ours = json::scan(&request.body, usize::MAX, |_| {});
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{}", text(&request));
    }
}

#[test]
fn the_requests_are_worth_trying() {
    let count = |wanted: fn(&Found) -> bool| every_request().filter(|it| wanted(&find(it))).count();
    for (found, times) in [
        ("a key", count(|found| matches!(found, Found::Key(_)))),
        ("nothing", count(|found| *found == Found::Nothing)),
        ("a duplicate", count(|found| *found == Found::Duplicate)),
    ] {
        assert!(times > 500, "{found} was found {times} times");
    }
}
