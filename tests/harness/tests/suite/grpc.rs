//! gRPC calls and streams.

use std::time::Duration;

use proxy_wasm_harness::{GrpcAnswer, GrpcEvent, Headers, Vm};

use crate::support::{log, plugin, start};

/// Calls at the start; logs `m` and the message, or `c` and the status's message.
const CALLS: &str = r#"
  (data (i32.const 256) "mc")
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (call $note (call $grpc_call
      (i32.const 48) (i32.const 7) (i32.const 16) (i32.const 6) (i32.const 32) (i32.const 3)
      (i32.const 0) (i32.const 0) (i32.const 32) (i32.const 3) (i32.const 500) (i32.const 8)))
    (i32.const 1))
  (func (export "proxy_on_grpc_receive") (param i32 i32 i32)
    (drop (call $log (i32.const 2) (i32.const 256) (i32.const 1)))
    (drop (call $get_buffer (i32.const 5) (i32.const 0) (local.get 2) (i32.const 0) (i32.const 4)))
    (call $say))
  (func (export "proxy_on_grpc_close") (param i32 i32 i32)
    (drop (call $log (i32.const 2) (i32.const 257) (i32.const 1)))
    (drop (call $get_status (i32.const 8) (i32.const 0) (i32.const 4)))
    (call $say))
"#;

/// Opens a stream at the start and sends one message; answers a message by closing.
const STREAMS: &str = r#"
  (data (i32.const 256) "imtc")
  (func $letter (param i32) (drop (call $log (i32.const 2) (local.get 0) (i32.const 1))))
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (call $note (call $grpc_stream
      (i32.const 48) (i32.const 7) (i32.const 16) (i32.const 6) (i32.const 32) (i32.const 3)
      (i32.const 0) (i32.const 0) (i32.const 8)))
    (call $note (call $grpc_send (i32.load (i32.const 8)) (i32.const 32) (i32.const 3) (i32.const 0)))
    (i32.const 1))
  (func (export "proxy_on_grpc_receive_initial_metadata") (param i32 i32 i32)
    (call $letter (i32.const 256))
    (call $note (call $get_header (i32.const 4) (i32.const 16) (i32.const 6) (i32.const 0) (i32.const 4)))
    (call $say))
  (func (export "proxy_on_grpc_receive") (param i32 i32 i32)
    (call $letter (i32.const 257))
    (call $note (call $grpc_close (local.get 1))))
  (func (export "proxy_on_grpc_receive_trailing_metadata") (param i32 i32 i32)
    (call $letter (i32.const 258)))
  (func (export "proxy_on_grpc_close") (param i32 i32 i32)
    (call $letter (i32.const 259)) (call $note (i32.sub (local.get 2) (i32.const 10))))
"#;

fn stream(vm: &Vm) -> u32 {
    vm.grpc_streams()[0].token
}

#[test]
fn a_call_carries_what_the_filter_says() {
    let vm = start(CALLS);
    let call = &vm.pending_grpc_calls()[0];
    assert_eq!(
        (&*call.cluster, &*call.service, &*call.method),
        ("cluster", "x-seen", "yes")
    );
    assert_eq!(call.message, b"yes");
    assert_eq!(call.timeout, Some(Duration::from_millis(500)));
}

#[test]
fn an_answered_call_delivers_the_message_and_no_close() {
    let mut vm = start(CALLS);
    let token = vm.pending_grpc_calls()[0].token;
    assert!(vm.answer_grpc(token, GrpcAnswer::Message(b"pong".to_vec())));
    assert_eq!(log(&vm), "0mpong");
    assert!(!vm.answer_grpc(token, GrpcAnswer::Message(Vec::new())));
}

#[test]
fn a_failed_call_delivers_status_and_message() {
    let mut vm = start(CALLS);
    let token = vm.pending_grpc_calls()[0].token;
    vm.answer_grpc(token, GrpcAnswer::Failure(7, "denied".to_owned()));
    assert_eq!(log(&vm), "0cdenied{via_upstream}");
}

#[test]
fn a_call_that_nobody_takes_is_unavailable() {
    let mut vm = start(CALLS);
    let token = vm.pending_grpc_calls()[0].token;
    vm.answer_grpc(token, GrpcAnswer::Unreachable);
    assert!(log(&vm).starts_with("0cupstream connect error"));
}

#[test]
fn a_call_without_an_answer_fails_in_time() {
    let mut vm = start(CALLS);
    vm.advance(Duration::from_millis(499));
    assert_eq!(log(&vm), "0");
    vm.advance(Duration::from_millis(1));
    assert_eq!(log(&vm), "0cupstream request timeout{response_timeout}");
    assert!(vm.pending_grpc_calls().is_empty());
}

#[test]
fn an_unknown_cluster_is_a_parse_failure() {
    let vm = plugin(CALLS).cluster("other").start().unwrap();
    assert_eq!(log(&vm), "4");
}

#[test]
fn a_stream_delivers_metadata_messages_and_the_close_in_order() {
    let mut vm = start(STREAMS);
    let token = stream(&vm);
    assert_eq!(vm.grpc_streams()[0].sent, [b"yes".to_vec()]);
    let metadata = Headers::from([("x-seen", "1")]);
    vm.push(token, GrpcEvent::InitialMetadata(metadata));
    vm.push(token, GrpcEvent::Message(b"hi".to_vec()));
    vm.push(token, GrpcEvent::TrailingMetadata(Headers::new()));
    vm.push(token, GrpcEvent::Close(14, "gone".to_owned()));
    assert_eq!(log(&vm), "00i01m0tc4");
}

#[test]
fn a_stream_closed_on_both_sides_is_forgotten() {
    let mut vm = start(STREAMS);
    let token = stream(&vm);
    vm.push(token, GrpcEvent::Message(Vec::new()));
    assert!(vm.grpc_streams()[0].half_closed);
    vm.push(token, GrpcEvent::Close(0, String::new()));
    assert!(vm.grpc_streams().is_empty());
}

#[test]
fn a_stream_only_the_server_closed_leaks() {
    let mut vm = start(STREAMS);
    let token = stream(&vm);
    vm.push(token, GrpcEvent::Close(14, String::new()));
    assert_eq!(vm.grpc_streams().len(), 1, "the filter never closed it");
    assert!(!vm.push(token, GrpcEvent::Message(Vec::new())));
}
