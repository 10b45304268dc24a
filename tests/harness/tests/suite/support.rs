//! Small filters as WebAssembly text.

use proxy_wasm_harness::{Module, Plugin, Vm};

/// Every host call a test filter uses, a memory with some names in it, and an allocator.
const PRELUDE: &str = r#"
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_set_tick_period_milliseconds" (func $tick_period (param i32) (result i32)))
  (import "env" "proxy_get_header_map_value" (func $get_header (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_replace_header_map_value" (func $set_header (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_header_map_pairs" (func $get_headers (param i32 i32 i32) (result i32)))
  (import "env" "proxy_get_buffer_bytes" (func $get_buffer (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_buffer_bytes" (func $set_buffer (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_property" (func $get_property (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_continue_stream" (func $continue (param i32) (result i32)))
  (import "env" "proxy_send_local_response" (func $reply (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_http_call" (func $http_call (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_effective_context" (func $act_for (param i32) (result i32)))
  (import "env" "proxy_register_shared_queue" (func $register_queue (param i32 i32 i32) (result i32)))
  (import "env" "proxy_enqueue_shared_queue" (func $enqueue (param i32 i32 i32) (result i32)))
  (import "env" "proxy_dequeue_shared_queue" (func $dequeue (param i32 i32 i32) (result i32)))
  (import "env" "proxy_define_metric" (func $define_metric (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_increment_metric" (func $increment (param i32 i64) (result i32)))
  (import "env" "proxy_record_metric" (func $record (param i32 i64) (result i32)))
  (import "env" "proxy_get_metric" (func $get_metric (param i32 i32) (result i32)))
  (import "env" "proxy_get_shared_data" (func $get_data (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_shared_data" (func $set_data (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_property" (func $set_property (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_call_foreign_function" (func $foreign (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_grpc_call" (func $grpc_call (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_grpc_stream" (func $grpc_stream (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_grpc_send" (func $grpc_send (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_grpc_close" (func $grpc_close (param i32) (result i32)))
  (import "env" "proxy_get_status" (func $get_status (param i32 i32 i32) (result i32)))
  (import "env" "proxy_done" (func $done (result i32)))
  (import "env" "proxy_close_stream" (func $reset (param i32) (result i32)))
  (import "env" "proxy_get_current_time_nanoseconds" (func $time (param i32) (result i32)))
  (memory (export "memory") 2)
  (global $free (mut i32) (i32.const 65536))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32)
    (global.get $free)
    (global.set $free (i32.add (global.get $free) (local.get 0))))
  ;; 0: scratch. 16: "x-seen". 32: "yes". 48: "cluster". 64: a status, logged as a digit.
  (data (i32.const 16) "x-seen")
  (data (i32.const 32) "yes")
  (data (i32.const 48) "cluster")
  ;; 128: the headers of a callout, 66 bytes.
  (data (i32.const 128) "\03\00\00\00\05\00\00\00\06\00\00\00\07\00\00\00\03\00\00\00\0a\00\00\00\01\00\00\00:path\00/check\00:method\00GET\00:authority\00a\00")
  ;; Logs a status as one digit: '0' is OK.
  (func $note (param i32)
    (i32.store8 (i32.const 64) (i32.add (i32.const 48) (local.get 0)))
    (drop (call $log (i32.const 2) (i32.const 64) (i32.const 1))))
  ;; Logs the bytes whose pointer is at 0 and whose size is at 4.
  (func $say (drop (call $log (i32.const 2) (i32.load (i32.const 0)) (i32.load (i32.const 4)))))
  (func $mark_seen
    (call $note (call $set_header (i32.const 0) (i32.const 16) (i32.const 6) (i32.const 32) (i32.const 3))))
  (func $answer (param i32)
    (call $note (call $reply (local.get 0) (i32.const 0) (i32.const 0) (i32.const 32) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const -1))))
  (func $ask (param $timeout i32)
    (call $note (call $http_call (i32.const 48) (i32.const 7) (i32.const 128) (i32.const 66) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (local.get $timeout) (i32.const 0))))
"#;

/// Compiles a filter from the prelude and these functions.
pub(crate) fn filter(functions: &str) -> Module {
    let text = format!("(module {PRELUDE} {functions})");
    Module::from_bytes(text.as_bytes()).expect("the filter compiles")
}

/// Starts a filter with Envoy's defaults.
pub(crate) fn start(functions: &str) -> Vm {
    plugin(functions).start().expect("the filter starts")
}

/// Prepares a filter with Envoy's defaults.
pub(crate) fn plugin(functions: &str) -> Plugin {
    Plugin::new(&filter(functions))
}

/// Returns what a filter logged, one string.
pub(crate) fn log(vm: &Vm) -> String {
    vm.logs().into_iter().map(|line| line.text).collect()
}
