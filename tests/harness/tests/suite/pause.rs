//! Pausing and resuming, in both directions, in pieces and by others.

use std::time::Duration;

use proxy_wasm_harness::{End, Exchange, Pause, ReplySource, Response};

use crate::support::{log, plugin, start};

/// Pauses at the headers and resumes at the first tick.
const RESUMES_LATER: &str = r#"
  (global $waiting (mut i32) (i32.const 0))
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (drop (call $tick_period (i32.const 100))) (i32.const 1))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (global.set $waiting (local.get 0)) (i32.const 1))
  (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32)
    (call $note (local.get 1)) (i32.const 0))
  (func (export "proxy_on_tick") (param i32)
    (if (global.get $waiting) (then
      (drop (call $act_for (global.get $waiting)))
      (global.set $waiting (i32.const 0))
      (drop (call $continue (i32.const 0)))
      (call $mark_seen))))
"#;

#[test]
fn a_body_held_back_is_delivered_after_resuming() {
    let mut vm = start(RESUMES_LATER);
    let exchange = vm.begin(Exchange::post("/").body("hello"));
    assert_eq!(
        vm.outcome(exchange).end,
        End::Waiting(Pause::RequestHeaders)
    );
    assert_eq!(log(&vm), "");
    vm.advance(Duration::from_millis(100));
    assert_eq!(vm.outcome(exchange).end, End::Answered);
    assert_eq!(
        log(&vm),
        "250",
        "BadArgument after resuming, then the body and its end"
    );
}

const RESUMES_AND_PAUSES: &str = r#"
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $note (call $continue (i32.const 0))) (i32.const 1))
"#;

#[test]
fn headers_resumed_before_they_pause_go_on() {
    let mut vm = start(RESUMES_AND_PAUSES);
    let outcome = Exchange::get("/").send(&mut vm);
    assert_eq!(outcome.end, End::Answered);
}

#[test]
fn a_body_behind_headers_resumed_before_they_pause_hangs() {
    let mut vm = start(RESUMES_AND_PAUSES);
    let outcome = Exchange::post("/").body("hello").send(&mut vm);
    assert_eq!(outcome.end, End::Hung(Pause::RequestHeaders));
    assert_eq!(
        outcome.upstream.unwrap().body,
        b"",
        "only the headers went on"
    );
}

#[test]
fn a_piece_resumed_in_its_own_callback_goes_on_whole() {
    let functions = r#"
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (i32.eqz (local.get 2)))
      (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32)
        (call $note (local.get 1)) (call $note (call $continue (i32.const 0))) (i32.const 0))"#;
    let plugin = plugin(functions).allow_on_headers_stop_iteration();
    for (exchange, expected) in [
        (Exchange::post("/").body("hello"), "5000"),
        (Exchange::post("/").body("hello").http2(), "50"),
    ] {
        let mut vm = plugin.start().unwrap();
        let outcome = exchange.send(&mut vm);
        assert_eq!((log(&vm).as_str(), outcome.end), (expected, End::Answered));
        assert_eq!(outcome.upstream.unwrap().body, b"hello");
    }
}

#[test]
fn a_client_may_send_its_body_in_pieces_over_time() {
    let functions = r#"
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 1))
      (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32)
        (call $note (local.get 1))
        (i32.eqz (local.get 2)))"#;
    let plugin = plugin(functions).allow_on_headers_stop_iteration();
    let mut vm = plugin.start().unwrap();
    let exchange = vm.begin(Exchange::post("/").unfinished());
    vm.send_body(exchange, "he");
    vm.send_body(exchange, "llo");
    assert_eq!(vm.outcome(exchange).upstream, None);
    vm.finish_request(exchange);
    assert_eq!(log(&vm), "255", "each callback is told all that is held");
    let upstream = vm.outcome(exchange).upstream.unwrap();
    assert_eq!(upstream.body, b"hello");
}

#[test]
fn pieces_let_through_reach_the_upstream_one_by_one() {
    let mut vm = start("");
    let exchange = vm.begin(Exchange::post("/").unfinished());
    vm.send_body(exchange, "he");
    let outcome = vm.outcome(exchange);
    assert_eq!(outcome.end, End::Waiting(Pause::Client));
    let upstream = outcome.upstream.unwrap();
    assert_eq!(
        (upstream.body.as_slice(), upstream.complete),
        (&b"he"[..], false)
    );
}

#[test]
fn a_streamed_body_has_no_limit() {
    let mut vm = plugin("").buffer_limit(4).start().unwrap();
    let outcome = Exchange::post("/").chunks(["hello", "world"]).send(&mut vm);
    assert_eq!(outcome.end, End::Answered);
}

#[test]
fn a_held_response_waits_and_then_reaches_the_client() {
    let mut vm = start(
        r#"(global $waiting (mut i32) (i32.const 0))
      (func (export "proxy_on_configure") (param i32 i32) (result i32)
        (drop (call $tick_period (i32.const 100))) (i32.const 1))
      (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
        (global.set $waiting (local.get 0)) (i32.const 1))
      (func (export "proxy_on_tick") (param i32)
        (drop (call $act_for (global.get $waiting)))
        (drop (call $continue (i32.const 1))))"#,
    );
    let exchange = vm.begin(Exchange::get("/").upstream(Response::new(200).body("made")));
    let waiting = vm.outcome(exchange);
    assert_eq!(waiting.end, End::Waiting(Pause::ResponseHeaders));
    assert!(waiting.is_forwarded() && waiting.response.is_none());
    vm.advance(Duration::from_millis(100));
    assert_eq!(vm.outcome(exchange).response.unwrap().text(), Some("made"));
}

#[test]
fn a_replacement_in_each_body_callback_is_sent_twice() {
    let mut vm = start(
        r#"(func (export "proxy_on_response_body") (param i32 i32 i32) (result i32)
        (drop (call $set_buffer (i32.const 1) (i32.const 0) (i32.const 100) (i32.const 32) (i32.const 3)))
        (i32.const 0))"#,
    );
    let upstream = Response::new(200).body("something long");
    let outcome = Exchange::get("/").upstream(upstream).send(&mut vm);
    let response = outcome.response.unwrap();
    assert_eq!(
        response.text(),
        Some("yesyes"),
        "the empty last piece is replaced too"
    );
}

#[test]
fn a_response_held_beyond_the_limit_becomes_a_500() {
    let functions = r#"(func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32) (i32.const 1))
      (func (export "proxy_on_response_body") (param i32 i32 i32) (result i32) (i32.const 1))"#;
    let plugin = plugin(functions).allow_on_headers_stop_iteration();
    let mut vm = plugin.buffer_limit(4).start().unwrap();
    let upstream = Response::new(200).body("hello");
    let outcome = Exchange::get("/").upstream(upstream).send(&mut vm);
    assert_eq!(outcome.end, End::LocalReply(ReplySource::BufferLimit));
    assert_eq!(outcome.status(), Some(500));
}

#[test]
fn a_filter_may_reset_the_stream() {
    let mut vm = start(
        r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (call $note (call $reset (i32.const 0))) (i32.const 1))"#,
    );
    let outcome = Exchange::get("/").send(&mut vm);
    assert_eq!((outcome.end, outcome.response), (End::Reset, None));
}

#[test]
fn a_route_picked_again_has_its_own_properties() {
    let mut vm = start(
        r#"(data (i32.const 256) "a")
      (func $read
        (drop (call $get_property (i32.const 256) (i32.const 1) (i32.const 0) (i32.const 4)))
        (call $say))
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (call $read) (call $mark_seen) (call $read) (i32.const 0))"#,
    );
    Exchange::get("/")
        .property(["a"], "before")
        .property_after_reroute(["a"], "after")
        .send(&mut vm);
    assert_eq!(log(&vm), "before0after");
}
