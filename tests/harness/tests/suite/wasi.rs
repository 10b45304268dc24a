//! Builds that import WASI preview 1.

use proxy_wasm_harness::{Health, Level, Module, Plugin, StartError, Vm};

const MODULE: &str = r#"
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environment (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 0))
"#;

fn start(functions: &str) -> Result<Vm, StartError> {
    let text = format!("(module {MODULE} {functions})");
    let module = Module::from_bytes(text.as_bytes()).unwrap();
    Plugin::new(&module).environment("NAME", "value").start()
}

#[test]
fn what_is_written_to_standard_error_is_logged_as_an_error() {
    let vm = start(
        r#"(data (i32.const 64) "one\0atwo\0a")
      (func (export "_initialize")
        (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 4))
        (i32.store (i32.const 8) (i32.const 68)) (i32.store (i32.const 12) (i32.const 4))
        (drop (call $write (i32.const 2) (i32.const 0) (i32.const 2) (i32.const 16))))"#,
    )
    .unwrap();
    let logs = vm.logs();
    assert_eq!((logs[0].level, &*logs[0].text), (Level::Error, "one\ntwo"));
}

#[test]
fn a_module_reads_its_environment() {
    let vm = start(
        r#"(func (export "_initialize")
        (drop (call $sizes (i32.const 32) (i32.const 36)))
        (drop (call $environment (i32.const 0) (i32.const 64)))
        (i32.store (i32.const 4) (i32.load (i32.const 36)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.load (i32.const 32)) (i32.const 16))))"#,
    )
    .unwrap();
    assert_eq!(vm.logs()[0].text, "NAME=value\0");
    assert_eq!(vm.health(), &Health::Running);
}

#[test]
fn exiting_is_a_trap() {
    let Err(StartError::Trapped { reason, .. }) =
        start(r#"(func (export "_start") (call $exit (i32.const 3)))"#)
    else {
        panic!("it started");
    };
    assert_eq!(reason, "the module exited with 3");
}

#[test]
fn what_is_not_allowed_says_so() {
    let text = format!(
        r#"(module {MODULE}
      (func (export "_initialize") (call $exit (i32.const 3))
        (if (i32.ne (call $write (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 16)) (i32.const 76))
          (then unreachable))))"#
    );
    let module = Module::from_bytes(text.as_bytes()).unwrap();
    let plugin = Plugin::new(&module).allow_only(["proxy_log"]);
    assert_eq!(plugin.start().unwrap().health(), &Health::Running);
}
