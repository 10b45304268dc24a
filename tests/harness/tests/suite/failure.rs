//! Refused starts, traps, faults.

use std::time::Duration;

use crate::support::{log, plugin, start};
use proxy_wasm_harness::{
    End, Exchange, FailurePolicy, Health, HostCall, LoadError, Module, ReplySource, StartError,
    Status,
};

/// Traps when there is a header `x-seen`.
const TRAPS: &str = r#"
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (if (i32.eqz (call $get_header (i32.const 0) (i32.const 16) (i32.const 6) (i32.const 0) (i32.const 4)))
      (then unreachable))
    (i32.const 0))
"#;

#[test]
fn a_refused_configuration_is_told_with_its_log() {
    let refused = plugin(
        r#"(func (export "proxy_on_configure") (param i32 i32) (result i32)
          (call $note (i32.const 9)) (i32.const 0))"#,
    )
    .start();
    let Err(StartError::ConfigurationRefused { logs }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(logs, ["9"]);
}

#[test]
fn a_trap_at_the_start_names_the_callback() {
    let trapped =
        plugin(r#"(func (export "proxy_on_configure") (param i32 i32) (result i32) unreachable)"#)
            .start();
    let Err(StartError::Trapped { callback, .. }) = trapped else {
        panic!("{trapped:?}");
    };
    assert_eq!(callback, "proxy_on_configure");
}

#[test]
fn a_missing_import_is_named() {
    let text = r#"(module (import "env" "proxy_make_tea" (func))
        (func (export "proxy_abi_version_0_2_1")) (func (export "malloc")))"#;
    let missing = Module::from_bytes(text.as_bytes());
    let Err(LoadError::MissingImports(names)) = missing else {
        panic!("{missing:?}");
    };
    assert_eq!(names, ["env.proxy_make_tea"]);
}

#[test]
fn a_trap_closes_the_machine_for_ever_by_default() {
    let mut vm = start(TRAPS);
    assert_eq!(Exchange::get("/").send(&mut vm).end, End::Answered);
    let failed = End::LocalReply(ReplySource::FailedVm);
    assert_eq!(
        Exchange::get("/").header("x-seen", "1").send(&mut vm).end,
        failed
    );
    let next = Exchange::get("/").send(&mut vm);
    assert_eq!((next.end, next.status()), (failed, Some(503)));
    assert!(matches!(vm.health(), Health::Failed { .. }));
}

#[test]
fn failing_open_refuses_the_request_that_trapped_and_lets_all_others_through() {
    let mut vm = plugin(TRAPS)
        .failure_policy(FailurePolicy::Open)
        .start()
        .unwrap();
    let trapped = Exchange::get("/").header("x-seen", "1").send(&mut vm);
    assert_eq!(trapped.end, End::LocalReply(ReplySource::FailedVm));
    assert_eq!(Exchange::get("/").send(&mut vm).end, End::Answered);
}

#[test]
fn reloading_waits_for_the_back_off_and_for_a_request() {
    let backoff = Duration::from_secs(1);
    let policy = FailurePolicy::Reload { backoff };
    let mut vm = plugin(TRAPS).failure_policy(policy).start().unwrap();
    Exchange::get("/").header("x-seen", "1").send(&mut vm);
    assert_eq!(Exchange::get("/").send(&mut vm).status(), Some(503));
    vm.advance(backoff);
    assert_eq!(vm.reloads(), 0, "time alone does not reload");
    assert_eq!(Exchange::get("/").send(&mut vm).end, End::Answered);
    assert_eq!(vm.reloads(), 1);
}

#[test]
fn a_fault_reaches_the_filter_as_a_status() {
    let mut vm = start(
        r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
          (call $mark_seen) (i32.const 0))"#,
    );
    vm.fault_once(HostCall::SetHeader, Status::Empty);
    Exchange::get("/").send(&mut vm);
    let outcome = Exchange::get("/").send(&mut vm);
    assert_eq!(log(&vm), "70");
    assert_eq!(vm.host_calls(HostCall::SetHeader), 2);
    assert!(outcome.upstream.unwrap().headers.contains("x-seen"));
}

#[test]
fn memory_beyond_the_limit_is_refused() {
    let functions = r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (call $note (i32.add (memory.grow (i32.const 2)) (i32.const 1))) (i32.const 0))"#;
    let page = 64 * 1024;
    let mut vm = plugin(functions).memory_limit(4 * page).start().unwrap();
    Exchange::get("/").send(&mut vm);
    Exchange::get("/").send(&mut vm);
    assert_eq!(log(&vm), "30", "two pages before, then -1");
    assert_eq!(vm.memory_size(), 4 * page);
}

#[test]
fn an_allocator_that_traps_fails_the_machine() {
    let text = r#"(module
        (import "env" "proxy_get_header_map_pairs" (func $get (param i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "proxy_abi_version_0_2_1"))
        (func (export "malloc") (param i32) (result i32) unreachable)
        (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
          (call $get (i32.const 0) (i32.const 0) (i32.const 4))))"#;
    let module = Module::from_bytes(text.as_bytes()).unwrap();
    let mut vm = proxy_wasm_harness::Plugin::new(&module).start().unwrap();
    assert_eq!(Exchange::get("/").send(&mut vm).status(), Some(503));
}

#[test]
fn a_loop_runs_out_of_fuel() {
    let text = r#"(module (memory (export "memory") 1)
        (func (export "proxy_abi_version_0_2_1"))
        (func (export "malloc") (param i32) (result i32) (i32.const 0))
        (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
          (loop (br 0)) (i32.const 0)))"#;
    let module = Module::metered(text.as_bytes()).unwrap();
    let plugin = proxy_wasm_harness::Plugin::new(&module).fuel(10_000);
    let mut vm = plugin.start().unwrap();
    assert_eq!(Exchange::get("/").send(&mut vm).status(), Some(503));
}
