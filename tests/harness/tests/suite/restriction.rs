//! Host calls and callbacks that a configuration does not allow.

use proxy_wasm_harness::{Exchange, HostCall};

use crate::support::{log, plugin};

const USES_TWO_CALLS: &str = r#"
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $mark_seen) (i32.const 0))
  (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
    (call $note (i32.const 7)) (i32.const 0))
"#;

#[test]
fn a_call_that_is_not_allowed_returns_an_internal_failure() {
    let allowed = ["proxy_log", "proxy_on_request_headers"];
    let mut vm = plugin(USES_TWO_CALLS).allow_only(allowed).start().unwrap();
    let outcome = Exchange::get("/").send(&mut vm);
    assert_eq!(log(&vm), ":", "status 10, and no response callback");
    assert!(!outcome.upstream.unwrap().headers.contains("x-seen"));
    assert_eq!(vm.host_calls(HostCall::SetHeader), 1, "it was made");
}

#[test]
fn an_empty_list_allows_everything() {
    let nothing: [&str; 0] = [];
    let mut vm = plugin(USES_TWO_CALLS).allow_only(nothing).start().unwrap();
    Exchange::get("/").send(&mut vm);
    assert_eq!(log(&vm), "07");
}
