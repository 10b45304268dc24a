//! Root contexts: updates, draining, foreign functions, properties the filter sets.

use std::time::Duration;

use proxy_wasm_harness::{Exchange, HostCall, StartError, Status};

use crate::support::{log, plugin, start};

/// Logs its configuration at each tick; refuses an empty one.
const TICKS: &str = r#"
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (drop (call $get_buffer (i32.const 7) (i32.const 0) (i32.const 100) (i32.const 0) (i32.const 4)))
    (call $say)
    (drop (call $tick_period (i32.const 1000)))
    (i32.ne (local.get 1) (i32.const 0)))
  (func (export "proxy_on_tick") (param i32) (call $note (local.get 0)))
  (func (export "proxy_on_done") (param i32) (result i32) (i32.const 0))
"#;

#[test]
fn an_update_adds_a_root_context_until_the_old_one_has_drained() {
    let mut vm = plugin(TICKS).configuration("a").start().unwrap();
    vm.update_configuration("b").unwrap();
    assert_eq!(vm.root_contexts(), 2);
    vm.advance(Duration::from_secs(1));
    assert_eq!(log(&vm), "ab12", "both tick");
}

#[test]
fn a_refused_update_leaves_the_old_configuration_running() {
    let mut vm = plugin(TICKS).configuration("a").start().unwrap();
    let refused = vm.update_configuration("");
    assert!(matches!(
        refused,
        Err(StartError::ConfigurationRefused { .. })
    ));
    assert_eq!(vm.root_contexts(), 1);
}

#[test]
fn a_root_context_with_work_left_lives_until_it_says_done() {
    let functions = format!(
        r#"{TICKS}
        (func (export "proxy_on_foreign_function") (param i32 i32 i32)
          (call $note (call $act_for (i32.const 1)))
          (call $note (call $done)))"#
    );
    let mut vm = plugin(&functions).configuration("a").start().unwrap();
    vm.update_configuration("b").unwrap();
    vm.drain();
    assert_eq!(vm.root_contexts(), 2);
    vm.call_foreign(0, "");
    assert_eq!(vm.root_contexts(), 1);
    assert_eq!(log(&vm), "ab00");
}

#[test]
fn a_root_context_nobody_asked_to_end_is_not_done() {
    let mut vm = start(
        r#"(func (export "proxy_on_foreign_function") (param i32 i32 i32)
        (call $note (call $done)))"#,
    );
    vm.call_foreign(0, "");
    assert_eq!(log(&vm), "1", "NotFound");
}

const CALLS_FOREIGN: &str = r#"
  (data (i32.const 256) "shout")
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $note (call $foreign (i32.const 256) (i32.const 5) (i32.const 32) (i32.const 3) (i32.const 512) (i32.const 516)))
    (drop (call $log (i32.const 2) (i32.load (i32.const 512)) (i32.load (i32.const 516))))
    (i32.const 0))
"#;

#[test]
fn a_test_may_bring_a_foreign_function() {
    let plugin = plugin(CALLS_FOREIGN);
    let plugin = plugin.foreign_function("shout", |text| Ok(text.to_ascii_uppercase()));
    let mut vm = plugin.start().unwrap();
    Exchange::get("/").send(&mut vm);
    assert_eq!(log(&vm), "0YES");
}

#[test]
fn an_unknown_foreign_function_is_not_found() {
    let mut vm = start(CALLS_FOREIGN);
    Exchange::get("/").send(&mut vm);
    assert_eq!(log(&vm), "1");
}

#[test]
fn a_property_the_filter_sets_is_filter_state_of_the_stream() {
    let functions = r#"
      (func (export "proxy_on_configure") (param i32 i32) (result i32)
        (call $note (call $set_property (i32.const 16) (i32.const 6) (i32.const 32) (i32.const 3)))
        (i32.const 1))
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (call $note (call $set_property (i32.const 16) (i32.const 6) (i32.const 32) (i32.const 3)))
        (call $note (call $get_property (i32.const 16) (i32.const 6) (i32.const 0) (i32.const 4)))
        (i32.const 0))"#;
    let mut vm = start(functions);
    let outcome = Exchange::get("/").send(&mut vm);
    assert_eq!(log(&vm), "100", "a root context has no stream: NotFound");
    assert_eq!(outcome.filter_state["x-seen"], b"yes");
}

#[test]
fn host_calls_are_recorded_for_those_who_want_them() {
    let plugin = plugin(CALLS_FOREIGN).record_host_calls();
    let mut vm = plugin.start().unwrap();
    Exchange::get("/").send(&mut vm);
    let recorded = vm.recorded_calls()[0];
    assert_eq!(recorded.call, HostCall::CallForeignFunction);
    assert_eq!(recorded.status, Status::NotFound);
}
