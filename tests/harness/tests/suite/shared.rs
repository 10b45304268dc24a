//! What machines share: data, metrics, the clock; and what they do not.

use std::time::Duration;

use proxy_wasm_harness::{CalloutAnswer, Exchange, Response, Shared};

use crate::support::{log, plugin, start};

/// Each request writes shared data under the number it read before.
const SHARES: &str = r#"
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $note (call $get_data (i32.const 16) (i32.const 6) (i32.const 0) (i32.const 4) (i32.const 8)))
    (call $note (i32.load (i32.const 8)))
    (call $note (call $set_data (i32.const 16) (i32.const 6) (i32.const 32) (i32.const 3) (i32.load (i32.const 8))))
    (i32.const 0))
"#;

#[test]
fn shared_data_is_seen_by_all_machines_of_a_vm_id() {
    let shared = Shared::new();
    let plugin = plugin(SHARES).share(&shared);
    let (mut first, mut second) = (plugin.start().unwrap(), plugin.start().unwrap());
    Exchange::get("/").send(&mut first);
    Exchange::get("/").send(&mut second);
    let mut stranger = plugin.vm_id("other").start().unwrap();
    Exchange::get("/").send(&mut stranger);
    assert_eq!(log(&first), "100", "absent: NotFound");
    assert_eq!(log(&second), "010", "the first change has number 1");
    assert_eq!(log(&stranger), "100");
}

#[test]
fn a_write_under_a_stale_number_is_refused() {
    let shared = Shared::new();
    let plugin = plugin(SHARES).share(&shared);
    let (mut first, mut second) = (plugin.start().unwrap(), plugin.start().unwrap());
    Exchange::get("/").send(&mut first);
    Exchange::get("/").send(&mut first);
    Exchange::get("/").send(&mut second);
    assert_eq!(log(&second), "020");
    // The first machine still remembers number 1 when reading fails.
    first.fault(
        proxy_wasm_harness::HostCall::GetSharedData,
        proxy_wasm_harness::Status::NotFound,
    );
    Exchange::get("/").send(&mut first);
    assert!(log(&first).ends_with("118"), "CasMismatch: {}", log(&first));
}

/// Counts each request, moves a gauge and records in a histogram; logs what decrementing says.
const COUNTS: &str = r#"
  (data (i32.const 256) "cgh")
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (drop (call $define_metric (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 300)))
    (drop (call $define_metric (i32.const 1) (i32.const 257) (i32.const 1) (i32.const 304)))
    (drop (call $define_metric (i32.const 2) (i32.const 258) (i32.const 1) (i32.const 308)))
    (i32.const 1))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $note (call $increment (i32.load (i32.const 300)) (i64.const 2)))
    (call $note (call $increment (i32.load (i32.const 300)) (i64.const -1)))
    (call $note (call $record (i32.load (i32.const 304)) (i64.const 5)))
    (call $note (call $increment (i32.load (i32.const 304)) (i64.const -1)))
    (call $note (call $record (i32.load (i32.const 308)) (i64.const 7)))
    (call $note (call $increment (i32.load (i32.const 308)) (i64.const 1)))
    (call $note (call $get_metric (i32.const 999) (i32.const 8)))
    (i32.const 0))
"#;

#[test]
fn metrics_are_counted_over_all_machines() {
    let shared = Shared::new();
    let plugin = plugin(COUNTS).share(&shared);
    let (mut first, mut second) = (plugin.start().unwrap(), plugin.start().unwrap());
    Exchange::get("/").send(&mut first);
    Exchange::get("/").send(&mut second);
    assert_eq!((first.metric("c"), shared.metric("g")), (Some(4), Some(4)));
    assert_eq!(shared.histogram("h"), [7, 7]);
    assert_eq!(
        log(&first),
        "0200022",
        "counters only grow; histograms do not count"
    );
}

#[test]
fn a_proxy_starts_a_canary_whose_counts_remain() {
    let functions = r#"(func (export "proxy_on_configure") (param i32 i32) (result i32)
        (drop (call $define_metric (i32.const 0) (i32.const 16) (i32.const 6) (i32.const 8)))
        (drop (call $increment (i32.load (i32.const 8)) (i64.const 1))) (i32.const 1))"#;
    let proxy = plugin(functions).start_proxy(2).unwrap();
    assert_eq!(proxy.workers.len(), 2);
    assert_eq!(
        proxy.shared().metric("x-seen"),
        Some(4),
        "canary, main, two workers"
    );
}

#[test]
fn a_proxy_moves_the_clock_of_all_machines() {
    let functions = r#"(func (export "proxy_on_configure") (param i32 i32) (result i32)
        (call $ask (i32.const 500)) (i32.const 1))
      (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
        (call $note (local.get 2)))"#;
    let mut proxy = plugin(functions).start_proxy(1).unwrap();
    let mut asked = 0;
    proxy.on_callout(move |_| {
        asked += 1;
        match asked {
            1 => Response::new(200).into(),
            _ => CalloutAnswer::Pending,
        }
    });
    proxy.advance(Duration::from_secs(1));
    assert_eq!(log(&proxy.main), "01", "the first one asked is answered");
    assert_eq!(log(&proxy.workers[0]), "03", "the other one times out");
}

#[test]
fn time_is_virtual_and_starts_where_the_test_says() {
    let shared = Shared::starting_at(Duration::from_secs(5));
    let functions = r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (drop (call $time (i32.const 8)))
        (call $note (i32.wrap_i64 (i64.div_u (i64.load (i32.const 8)) (i64.const 1000000000))))
        (i32.const 0))"#;
    let mut vm = plugin(functions).share(&shared).start().unwrap();
    Exchange::get("/").send(&mut vm);
    vm.advance(Duration::from_secs(3));
    Exchange::get("/").send(&mut vm);
    assert_eq!(log(&vm), "58");
}

#[test]
fn machines_share_nothing_unless_told() {
    let (mut first, mut second) = (start(SHARES), start(SHARES));
    Exchange::get("/").send(&mut first);
    Exchange::get("/").send(&mut second);
    assert_eq!(log(&first), log(&second));
}

#[test]
fn a_module_is_compiled_once_and_used_by_many_threads() {
    let plugin = plugin(SHARES);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut vm = plugin.start().unwrap();
                Exchange::get("/").send(&mut vm);
                assert_eq!(log(&vm), "100", "nothing is shared");
            });
        }
    });
}
