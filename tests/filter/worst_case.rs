//! Input that is as much work as any of its size: a worker does nothing else meanwhile.

use std::sync::LazyLock;

use keystile_registry::storage::service;
use proxy_wasm_harness::{Exchange, Module, Plugin};
use stage::places;

use crate::world::{ADA, ORDERS, World};
use cases::uplink::SERVICE_PROPERTY;

/// What a callback may compute, in WebAssembly instructions: less than five milliseconds' worth, as
/// the filter does about ten in a nanosecond. What grows with the square of its input needs more.
const FUEL: u64 = 30_000_000;

/// How large each body is.
const SIZE: usize = 64 * 1024;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const MULTIPART: &str = "multipart/form-data; boundary=B";

/// The filter, with its instructions counted.
pub(crate) static METERED: LazyLock<Module> = LazyLock::new(|| {
    let bytes = std::fs::read(places::filter().unwrap()).unwrap();
    Module::metered(&bytes).expect("the filter compiles")
});

fn repeated(text: &str) -> String {
    text.repeat(SIZE / text.len())
}

/// Bodies of one size, each bad for another parser.
fn bodies() -> Vec<(&'static str, &'static str, String)> {
    let part = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
    vec![
        ("separators alone", FORM, repeated("&")),
        ("pairs of nothing", FORM, repeated("=&")),
        ("escapes", FORM, repeated("%61pikey%=&")),
        ("many almost right names", FORM, repeated("apike=1&")),
        ("one long value", FORM, format!("apikey={}", repeated("a"))),
        ("deep lists", JSON, repeated("[")),
        ("deep objects", JSON, repeated(r#"{"a":"#)),
        (
            "a long list",
            JSON,
            format!(r#"{{"a":[{}1]}}"#, repeated("1,")),
        ),
        (
            "escaped quotes",
            JSON,
            format!(r#"{{"{}":1}}"#, repeated(r#"\""#)),
        ),
        (
            "members",
            JSON,
            format!(r#"{{{}"b":1}}"#, repeated(r#""apike":1,"#)),
        ),
        (
            "escapes in a name",
            JSON,
            format!(r#"{{"{}":1}}"#, repeated(r"\u0061")),
        ),
        ("parts", MULTIPART, format!("{}--B--\r\n", repeated(part))),
        ("dashes", MULTIPART, repeated("--")),
        ("almost boundaries", MULTIPART, repeated("\r\n--")),
        (
            "headers of a part",
            MULTIPART,
            format!("--B\r\n{}", repeated("a:b\r\n")),
        ),
    ]
}

#[test]
fn no_body_of_64_kib_holds_a_worker_for_long() {
    let mut world = metered();
    for (what, content_type, body) in bodies() {
        let with_key = Exchange::post("/")
            .header("content-type", content_type)
            .property(SERVICE_PROPERTY, ORDERS);
        for exchange in [with_key.clone().header("apikey", ADA), with_key] {
            let outcome = exchange.body(body.clone()).send(&mut world.vm);
            assert!(!outcome.is_hung(), "{what}");
            assert_alive(&world, what);
        }
    }
    assert_eq!(world.status(ORDERS, ADA), Some(200));
}

#[test]
fn no_target_or_head_holds_a_worker_for_long() {
    let mut world = metered();
    for text in ["&", "apikey=&", "%61pikey=1&", "a=b&", "apike&", "%"] {
        let target = format!("/?{}", repeated(text));
        let exchange = Exchange::get(&target).property(SERVICE_PROPERTY, ORDERS);
        let status = exchange.send(&mut world.vm).status();
        assert_eq!(status, Some(401), "{text}");
        assert_alive(&world, text);
    }
    let fields = (0..90).fold(Exchange::get("/"), |exchange, number| {
        exchange.header(&format!("x-consumer_{number}"), "a".repeat(600))
    });
    let status = fields
        .property(SERVICE_PROPERTY, ORDERS)
        .send(&mut world.vm)
        .status();
    assert_eq!(status, Some(401));
    assert_alive(&world, "a large head");
}

fn assert_alive(world: &World, what: &str) {
    let health = world.vm.health();
    let is_running = *health == proxy_wasm_harness::Health::Running;
    assert!(is_running, "{what} is too much work: {health:?}");
}

/// Starts a machine whose callbacks may compute so much; its service looks for keys in bodies.
fn metered() -> World {
    let plugin = Plugin::new(&METERED)
        .configuration(r#"{"body":{"enabled":true}}"#)
        .allow_on_headers_stop_iteration()
        .fuel(FUEL);
    let mut world = World::of_plugin(plugin);
    world.change_silently(async |catalogue, write| {
        let mut changed = catalogue.orders.clone();
        changed.key_auth.key_in_body = true;
        service::update(write, &changed).await.unwrap();
    });
    world.connect();
    world.pass(cases::uplink::START);
    world
}
