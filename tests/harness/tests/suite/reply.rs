//! Local replies, and answering for other streams.

use std::time::Duration;

use proxy_wasm_harness::{End, Exchange, Pause, ReplySource};

use crate::support::{log, start};

const ANSWERS: &str = r#"
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $answer (i32.const 401)) (i32.const 1))
"#;

#[test]
fn a_grpc_client_gets_a_grpc_status() {
    let mut vm = start(ANSWERS);
    let request = Exchange::post("/s/m").header("content-type", "application/grpc");
    let outcome = request.send(&mut vm);
    assert_eq!(
        (outcome.status(), outcome.grpc_status()),
        (Some(200), Some(16))
    );
    let reply = outcome.response.unwrap();
    assert_eq!(reply.headers.text("grpc-message"), Some("yes"));
}

#[test]
fn a_head_request_gets_no_body() {
    let mut vm = start(ANSWERS);
    let outcome = Exchange::new("HEAD", "/").send(&mut vm);
    let reply = outcome.local_reply().unwrap();
    assert_eq!((reply.status(), reply.body.len()), (Some(401), 0));
}

#[test]
fn a_reply_after_the_request_went_on_still_reaches_the_client() {
    let mut vm = start(
        r#"(func (export "proxy_on_request_body") (param i32 i32 i32) (result i32)
        (call $answer (i32.const 400)) (i32.const 1))"#,
    );
    let outcome = Exchange::post("/").body("x").send(&mut vm);
    assert_eq!(outcome.end, End::LocalReply(ReplySource::Filter));
    assert!(
        !outcome.upstream.unwrap().complete,
        "the upstream saw headers only"
    );
}

#[test]
fn a_reply_once_the_client_has_headers_resets_the_stream() {
    let mut vm = start(
        r#"(func (export "proxy_on_response_body") (param i32 i32 i32) (result i32)
        (call $answer (i32.const 400)) (i32.const 1))"#,
    );
    let upstream = proxy_wasm_harness::Response::new(200).body("x");
    let outcome = Exchange::get("/").upstream(upstream).send(&mut vm);
    assert_eq!((outcome.end, outcome.status()), (End::Reset, Some(200)));
}

/// The first request waits; the second answers the first and continues.
const ANSWERS_ANOTHER: &str = r#"
  (global $waiting (mut i32) (i32.const 0))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (if (i32.eqz (global.get $waiting))
      (then (global.set $waiting (local.get 0)) (return (i32.const 1))))
    (drop (call $act_for (global.get $waiting)))
    (call $answer (i32.const 401))
    (i32.const 0))
"#;

#[test]
fn answering_another_stream_parks_the_running_one() {
    let mut vm = start(ANSWERS_ANOTHER);
    let first = vm.begin(Exchange::get("/first"));
    let second = vm.begin(Exchange::get("/second"));
    assert_eq!(vm.outcome(first).status(), Some(401));
    assert_eq!(vm.outcome(second).end, End::Hung(Pause::RequestHeaders));
}

#[test]
fn answering_from_a_tick_is_safe() {
    let mut vm = start(
        r#"(global $waiting (mut i32) (i32.const 0))
      (func (export "proxy_on_configure") (param i32 i32) (result i32)
        (drop (call $tick_period (i32.const 100))) (i32.const 1))
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (global.set $waiting (local.get 0)) (i32.const 1))
      (func (export "proxy_on_tick") (param i32)
        (call $note (call $act_for (global.get $waiting)))
        (call $answer (i32.const 503)))"#,
    );
    let exchange = vm.begin(Exchange::get("/"));
    vm.advance(Duration::from_millis(200));
    assert_eq!(vm.outcome(exchange).status(), Some(503));
    assert_eq!(
        log(&vm),
        "0020",
        "the context is gone at the second tick; the reply goes nowhere"
    );
}

#[test]
fn of_two_replies_the_first_counts() {
    let mut vm = start(
        r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (call $answer (i32.const 401)) (call $answer (i32.const 402)) (i32.const 1))
      (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32) (i32.const 0))"#,
    );
    assert_eq!(Exchange::get("/").send(&mut vm).status(), Some(401));
}
