//! What happens to a request and its response.

use crate::support::{log, plugin, start};
use proxy_wasm_harness::{End, Exchange, Pause, ReplySource, Response};

const REQUEST_HEADERS: &str =
    r#"(export "proxy_on_request_headers") (param i32 i32 i32) (result i32)"#;
const REQUEST_BODY: &str = r#"(export "proxy_on_request_body") (param i32 i32 i32) (result i32)"#;

#[test]
fn a_filter_without_callbacks_lets_everything_through() {
    let mut vm = start("");
    let outcome = Exchange::post("/x")
        .header("x-raw", [0xff])
        .body("hello")
        .trailer("t", "1")
        .upstream(Response::new(201).body("made").trailer("u", "2"))
        .send(&mut vm);
    assert_eq!(outcome.end, End::Answered);
    let upstream = outcome.upstream.unwrap();
    assert_eq!(upstream.header("x-raw"), Some([0xff].as_slice()));
    assert_eq!(upstream.body, b"hello");
    assert!(upstream.complete && upstream.trailers.is_some());
    let response = outcome.response.unwrap();
    assert_eq!(
        (response.status(), response.text()),
        (Some(201), Some("made"))
    );
    assert!(response.trailers.is_some());
}

#[test]
fn a_changed_header_reaches_the_upstream_and_repicks_the_route() {
    let mut vm = start(&format!(
        "(func {REQUEST_HEADERS} (call $mark_seen) (i32.const 0))"
    ));
    let outcome = Exchange::get("/").send(&mut vm);
    assert_eq!(outcome.route_cache_clears, 1);
    assert_eq!(
        outcome.upstream.unwrap().headers.text("x-seen"),
        Some("yes")
    );
}

#[test]
fn a_local_reply_keeps_the_request_from_the_upstream() {
    let mut vm = start(&format!(
        "(func {REQUEST_HEADERS} (call $answer (i32.const 401)) (i32.const 0))"
    ));
    let outcome = Exchange::post("/").body("x").send(&mut vm);
    assert_eq!(outcome.end, End::LocalReply(ReplySource::Filter));
    assert_eq!(outcome.upstream, None);
    let reply = outcome.local_reply().unwrap();
    assert_eq!((reply.status(), reply.text()), (Some(401), Some("yes")));
    assert_eq!(reply.headers.text("content-type"), Some("text/plain"));
}

#[test]
fn a_local_reply_passes_the_filters_own_response_callback() {
    let mut vm = start(&format!(
        r#"(func {REQUEST_HEADERS} (call $answer (i32.const 401)) (i32.const 1))
        (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
          (call $note (call $set_header (i32.const 2) (i32.const 16) (i32.const 6) (i32.const 32) (i32.const 3)))
          (i32.const 0))"#
    ));
    let outcome = Exchange::get("/").send(&mut vm);
    let reply = outcome.local_reply().unwrap();
    assert_eq!(reply.headers.text("x-seen"), Some("yes"));
}

#[test]
fn a_reply_to_response_headers_replaces_the_upstreams_answer() {
    let mut vm = start(
        r#"(func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
          (call $answer (i32.const 502)) (i32.const 0))"#,
    );
    let outcome = Exchange::get("/").send(&mut vm);
    assert!(outcome.is_forwarded());
    assert_eq!(outcome.status(), Some(502));
}

#[test]
fn a_pause_with_nothing_under_way_hangs() {
    let mut vm = start(&format!("(func {REQUEST_HEADERS} (i32.const 1))"));
    let outcome = Exchange::get("/").send(&mut vm);
    assert_eq!(outcome.end, End::Hung(Pause::RequestHeaders));
    assert_eq!(outcome.upstream, None);
}

const WAITS_FOR_BODY: &str = r#"
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (i32.eqz (local.get 2)))
  (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32)
    (if (result i32) (local.get 2) (then
      (drop (call $get_buffer (i32.const 0) (i32.const 0) (i32.const 1000) (i32.const 0) (i32.const 4)))
      (call $say)
      (call $mark_seen)
      (i32.const 0))
    (else (i32.const 1))))
"#;

#[test]
fn the_body_never_arrives_while_headers_are_held_by_default() {
    let mut vm = start(WAITS_FOR_BODY);
    let outcome = Exchange::post("/").body("hello").send(&mut vm);
    assert_eq!(outcome.end, End::Hung(Pause::RequestHeaders));
    assert_eq!(log(&vm), "");
}

#[test]
fn the_body_arrives_while_headers_are_held_if_allowed() {
    let plugin = plugin(WAITS_FOR_BODY).allow_on_headers_stop_iteration();
    let mut vm = plugin.start().unwrap();
    let outcome = Exchange::post("/").chunks(["he", "llo"]).send(&mut vm);
    assert_eq!(outcome.end, End::Answered);
    assert_eq!(
        log(&vm),
        "hello0",
        "the filter reads the whole body and changes a header"
    );
    let upstream = outcome.upstream.unwrap();
    assert_eq!(upstream.body, b"hello");
    assert_eq!(upstream.headers.text("x-seen"), Some("yes"));
}

#[test]
fn a_held_body_beyond_the_limit_is_answered_with_413() {
    let plugin = plugin(WAITS_FOR_BODY).allow_on_headers_stop_iteration();
    let mut vm = plugin.buffer_limit(4).start().unwrap();
    let outcome = Exchange::post("/").chunks(["abc", "de"]).send(&mut vm);
    assert_eq!(outcome.end, End::LocalReply(ReplySource::BufferLimit));
    assert_eq!(outcome.status(), Some(413));
}

#[test]
fn trailers_end_the_body_without_a_last_body_callback() {
    let plugin = plugin(WAITS_FOR_BODY).allow_on_headers_stop_iteration();
    let mut vm = plugin.start().unwrap();
    let outcome = Exchange::post("/")
        .chunks(["hello"])
        .trailer("t", "1")
        .send(&mut vm);
    assert_eq!(log(&vm), "", "no body callback says `end`");
    assert_eq!(
        outcome.end,
        End::Answered,
        "an absent trailers callback resumes"
    );
    assert_eq!(outcome.upstream.unwrap().body, b"hello");
}

#[test]
fn headers_are_out_of_reach_once_they_went_on() {
    let mut vm = start(&format!(
        "(func {REQUEST_BODY} (call $mark_seen) (i32.const 0))"
    ));
    Exchange::post("/").body("x").http2().send(&mut vm);
    assert_eq!(log(&vm), "2", "BadArgument");
}

#[test]
fn a_longer_body_with_the_old_length_makes_the_upstream_drop_it() {
    let mut vm = start(&format!(
        "(func {REQUEST_BODY}
          (call $note (call $set_buffer (i32.const 0) (i32.const 0) (i32.const 100) (i32.const 16) (i32.const 6)))
          (i32.const 0))"
    ));
    let outcome = Exchange::post("/").body("x").http2().send(&mut vm);
    assert_eq!(
        (outcome.end, outcome.status()),
        (End::BodyTooLong, Some(503))
    );
    assert_eq!(outcome.upstream.unwrap().body, b"x-seen");
}

#[test]
fn the_beginning_of_a_body_can_be_replaced_and_its_middle_cannot() {
    let mut vm = start(&format!(
        "(func {REQUEST_BODY}
          (call $note (call $set_buffer (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 16) (i32.const 6)))
          (call $note (call $set_buffer (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 32) (i32.const 2)))
          (i32.const 0))"
    ));
    let outcome = Exchange::post("/").body("hello").http2().send(&mut vm);
    assert_eq!(log(&vm), "20", "BadArgument, then Ok");
    assert_eq!(outcome.upstream.unwrap().body, b"yello");
}

#[test]
fn an_endless_request_is_answered_without_its_end() {
    let mut vm = start("");
    let outcome = Exchange::get("/ws")
        .header("upgrade", "websocket")
        .endless()
        .send(&mut vm);
    assert_eq!(outcome.end, End::Answered);
    assert!(!outcome.is_forwarded());
}

#[test]
fn a_filter_reads_properties_of_exchange_and_plugin() {
    let functions = format!(
        r#"(data (i32.const 256) "a\00b")
        (func {REQUEST_HEADERS}
          (call $note (call $get_property (i32.const 256) (i32.const 3) (i32.const 0) (i32.const 4)))
          (call $say)
          (i32.const 0))"#
    );
    let mut vm = plugin(&functions)
        .property(["a", "b"], "plugin")
        .start()
        .unwrap();
    Exchange::get("/").send(&mut vm);
    Exchange::get("/")
        .property(["a", "b"], "exchange")
        .send(&mut vm);
    assert_eq!(log(&vm), "0plugin0exchange");
}

#[test]
fn request_properties_are_not_found_once_the_headers_went_on() {
    let mut vm = start(&format!(
        r#"(data (i32.const 256) "request\00path") (data (i32.const 288) "response\00code")
        (func $path
          (call $note (call $get_property (i32.const 256) (i32.const 12) (i32.const 0) (i32.const 4))))
        (func {REQUEST_HEADERS} (call $path) (call $say) (i32.const 0))
        (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
          (call $path)
          (call $note (call $get_property (i32.const 288) (i32.const 13) (i32.const 0) (i32.const 4)))
          (call $note (i32.sub (i32.load8_u (i32.load (i32.const 0))) (i32.const 200)))
          (i32.const 0))"#
    ));
    Exchange::get("/x")
        .upstream(Response::new(201))
        .send(&mut vm);
    assert_eq!(log(&vm), "0/x101");
}

#[test]
fn log_comes_before_done_and_delete() {
    let mut vm = start(
        r#"(func (export "proxy_on_log") (param i32) (call $note (i32.const 1)))
        (func (export "proxy_on_done") (param i32) (result i32) (call $note (i32.const 2)) (i32.const 1))
        (func (export "proxy_on_delete") (param i32) (call $note (i32.const 3)))"#,
    );
    Exchange::get("/").send(&mut vm);
    assert_eq!(log(&vm), "123");
}
