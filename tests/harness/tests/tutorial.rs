//! The tutorial's tests, and whether the tutorial shows what is compiled here.
#![cfg(test)]

use proxy_wasm_harness::{Exchange, Module, Plugin, Vm};

fn start() -> Vm {
    let module = Module::load("../../target/wasm/proxy_wasm_greeting.wasm").unwrap();
    Plugin::new(&module).start().unwrap()
}

#[test]
fn strangers_are_asked_who_they_are() {
    let outcome = Exchange::get("/").send(&mut start());
    assert_eq!(outcome.status(), Some(401));
    assert!(outcome.upstream.is_none());
}

#[test]
fn whoever_says_a_name_is_greeted() {
    let outcome = Exchange::get("/")
        .header("x-name", "Ada")
        .send(&mut start());
    let upstream = outcome.upstream.unwrap();
    assert_eq!(upstream.headers.text("x-greeting"), Some("hello"));
}

// The tutorial ends here.

#[test]
fn the_tutorial_shows_the_filter_and_the_tests_as_they_are() {
    let tutorial = include_str!("../TUTORIAL.md");
    let filter = include_str!("../filters/greeting/src/lib.rs");
    assert!(tutorial.contains(filter.trim()), "the filter differs");
    let (_, tests) = include_str!("tutorial.rs")
        .split_once("#![cfg(test)]")
        .unwrap();
    let (tests, _) = tests.split_once("// The tutorial ends here").unwrap();
    let built = "target/wasm32-unknown-unknown/release/greeting.wasm";
    let tests = tests.replace("../../target/wasm/proxy_wasm_greeting.wasm", built);
    assert!(tutorial.contains(tests.trim()), "the tests differ");
}
