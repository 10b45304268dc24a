//! Callouts, queues, ticks and time.

use std::time::Duration;

use crate::support::{log, plugin, start};
use proxy_wasm_harness::{CalloutAnswer, End, Exchange, Health, Pause, Response, Shared};

/// Holds each request, asks, and resumes the request in the answer.
const ASKS: &str = r#"
  (global $waiting (mut i32) (i32.const 0))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (global.set $waiting (local.get 0))
    (call $ask (i32.const 500))
    (i32.const 1))
  (func (export "proxy_on_http_call_response") (param $root i32) (param $token i32) (param $headers i32) (param i32 i32)
    (call $note (local.get $headers))
    (call $note (call $act_for (global.get $waiting)))
    (call $mark_seen)
    (call $note (call $continue (i32.const 0))))
"#;

#[test]
fn an_answered_callout_resumes_the_request() {
    let mut vm = start(ASKS);
    vm.on_callout(|callout| {
        assert_eq!(callout.path(), Some("/check"));
        Response::new(200).header("x", "1").into()
    });
    let outcome = Exchange::get("/").send(&mut vm);
    assert_eq!(outcome.end, End::Answered);
    assert_eq!(
        outcome.upstream.unwrap().headers.text("x-seen"),
        Some("yes")
    );
    assert_eq!(log(&vm), "02000", "two headers, and every call is OK");
}

#[test]
fn a_pending_callout_keeps_the_request_until_it_is_answered() {
    let mut vm = start(ASKS);
    let exchange = vm.begin(Exchange::get("/"));
    vm.settle();
    assert_eq!(
        vm.outcome(exchange).end,
        End::Waiting(Pause::RequestHeaders)
    );
    let token = vm.pending_callouts()[0].token;
    assert!(vm.answer(token, Response::new(200)));
    assert_eq!(vm.outcome(exchange).end, End::Answered);
}

#[test]
fn a_callout_without_an_answer_becomes_a_504_in_time() {
    let mut vm = start(ASKS);
    let exchange = vm.begin(Exchange::get("/"));
    vm.advance(Duration::from_millis(499));
    assert!(vm.outcome(exchange).is_waiting());
    vm.advance(Duration::from_millis(1));
    assert_eq!(vm.outcome(exchange).end, End::Answered);
    assert_eq!(log(&vm), "03000", "Envoy's 504 has three headers");
}

#[test]
fn an_answer_after_the_timeout_is_too_late() {
    let mut vm = start(ASKS);
    let late = Duration::from_millis(501);
    vm.on_callout(move |_| CalloutAnswer::After(late, Response::new(200)));
    let exchange = vm.begin(Exchange::get("/"));
    vm.advance(Duration::from_secs(1));
    assert_eq!(vm.outcome(exchange).end, End::Answered);
    assert_eq!(log(&vm), "03000", "the 504, not the answer with one header");
}

#[test]
fn an_answer_too_large_arrives_without_headers() {
    let mut vm = start(ASKS);
    vm.on_callout(|_| CalloutAnswer::TooLarge);
    Exchange::get("/").send(&mut vm);
    assert_eq!(log(&vm), "00000");
}

#[test]
fn a_client_that_went_away_leaves_the_callout_and_no_context() {
    let mut vm = start(ASKS);
    let exchange = vm.begin(Exchange::get("/"));
    vm.settle();
    vm.disconnect(exchange);
    assert_eq!(vm.outcome(exchange).end, End::Disconnected);
    let token = vm.pending_callouts()[0].token;
    vm.answer(token, Response::new(200));
    assert!(
        log(&vm).starts_with("012"),
        "one header, and acting for it is a BadArgument"
    );
}

#[test]
fn a_callout_to_an_unknown_cluster_is_refused() {
    let mut vm = plugin(ASKS).cluster("other").start().unwrap();
    let outcome = Exchange::get("/").send(&mut vm);
    assert_eq!(log(&vm), "2");
    assert!(outcome.is_hung());
}

#[test]
fn ticks_come_in_virtual_time() {
    let mut vm = start(
        r#"(func (export "proxy_on_configure") (param i32 i32) (result i32)
          (drop (call $tick_period (i32.const 1000))) (i32.const 1))
        (func (export "proxy_on_tick") (param i32) (call $note (i32.const 7)))"#,
    );
    vm.advance(Duration::from_millis(3500));
    assert_eq!(log(&vm), "777");
}

#[test]
fn the_effective_context_does_not_outlive_the_callback() {
    let mut vm = start(
        r#"(global $waiting (mut i32) (i32.const 0))
        (func (export "proxy_on_configure") (param i32 i32) (result i32)
          (drop (call $tick_period (i32.const 1000))) (i32.const 1))
        (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
          (global.set $waiting (local.get 0)) (i32.const 1))
        (func (export "proxy_on_tick") (param i32)
          (call $mark_seen)
          (call $note (call $act_for (global.get $waiting)))
          (call $mark_seen))"#,
    );
    vm.begin(Exchange::get("/"));
    vm.advance(Duration::from_secs(2));
    assert_eq!(log(&vm), "200200", "each tick starts without a header map");
}

#[test]
fn a_queue_tells_the_last_machine_that_registered() {
    let functions = r#"
        (func (export "proxy_on_configure") (param i32 i32) (result i32)
          (call $note (call $register_queue (i32.const 16) (i32.const 6) (i32.const 8))) (i32.const 1))
        (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
          (call $note (call $enqueue (i32.load (i32.const 8)) (i32.const 32) (i32.const 3))) (i32.const 0))
        (func (export "proxy_on_queue_ready") (param i32 i32)
          (call $note (call $dequeue (local.get 1) (i32.const 0) (i32.const 4)))
          (drop (call $log (i32.const 2) (i32.load (i32.const 0)) (i32.load (i32.const 4)))))"#;
    let plugin = plugin(functions).share(&Shared::new());
    let (mut first, mut second) = (plugin.start().unwrap(), plugin.start().unwrap());
    Exchange::get("/").send(&mut first);
    second.settle();
    assert_eq!(log(&first), "00");
    assert_eq!(log(&second), "00yes");
}

#[test]
fn a_machine_that_retries_at_once_for_ever_is_called_spinning() {
    let mut vm = start(
        r#"(func (export "proxy_on_configure") (param i32 i32) (result i32)
          (call $ask (i32.const 500)) (i32.const 1))
        (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
          (call $ask (i32.const 500)))"#,
    );
    vm.on_callout(|_| CalloutAnswer::Reset);
    vm.settle();
    assert_eq!(vm.health(), &Health::Spinning);
}
