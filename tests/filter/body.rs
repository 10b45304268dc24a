//! Keys in bodies: what is waited for, and what never is.

use proxy_wasm_harness::{End, Exchange};

use crate::world::{ADA, ORDERS, World};
use cases::uplink::SERVICE_PROPERTY;

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn a_key_in_a_body_that_ends_with_trailers_is_found() {
    let mut world = World::reading_bodies(r#"{"body":{"enabled":true}}"#);
    let exchange = form()
        .chunks(["first=1&api".to_owned(), format!("key={ADA}&last=2")])
        .trailer("x-checksum", "1");
    let outcome = exchange.clone().send(&mut world.vm);
    assert_eq!(outcome.status(), Some(200), "no body callback says \"end\"");
    let upstream = outcome.upstream.expect("it is forwarded");
    assert_eq!(upstream.body, b"first=1&last=2", "the key is hidden");
    assert!(upstream.complete, "the trailers arrive too");
    let outcome = exchange.http2().send(&mut world.vm);
    assert_eq!(outcome.status(), Some(200), "over HTTP/2 too");
}

#[test]
fn nobody_says_in_trailers_who_is_calling() {
    let mut world = World::reading_bodies(r#"{"body":{"enabled":true}}"#);
    let in_head = form().header("apikey", ADA).chunks(["first=1"]);
    let in_body = form().chunks([format!("apikey={ADA}")]);
    for exchange in [in_head, in_body] {
        let outcome = exchange
            .trailer("x-checksum", "1")
            .trailer("x-consumer-id", "evil")
            .trailer("x_consumer.username", "evil")
            .send(&mut world.vm);
        assert_eq!(outcome.status(), Some(200));
        let trailers = outcome.upstream.unwrap().trailers.unwrap();
        assert_eq!(
            trailers.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            ["x-checksum"]
        );
    }
}

#[test]
fn a_body_that_is_too_large_is_refused_at_once() {
    let mut world = World::reading_bodies(r#"{"body":{"enabled":true,"max_bytes":1000}}"#);
    let announced = form().header("content-length", "1001").unfinished();
    let exchange = world.vm.begin(announced);
    let status = world.vm.outcome(exchange).status();
    assert_eq!(status, Some(413), "by its announced length");
    let exchange = world.vm.begin(form().unfinished());
    for _ in 0..10 {
        world.vm.send_body(exchange, vec![b'a'; 100]);
        assert!(world.vm.outcome(exchange).is_waiting(), "not too large yet");
    }
    world.vm.send_body(exchange, "a");
    let outcome = world.vm.outcome(exchange);
    assert_eq!(outcome.status(), Some(413), "as soon as it is");
    assert!(!outcome.is_forwarded(), "nothing reaches the upstream");
    world.assert_alive();
}

#[test]
fn without_bodies_enabled_no_body_is_waited_for() {
    // Nor does Envoy let a body through while the head is held.
    let mut world = World::reading_bodies("{}");
    let outcome = form().body(format!("apikey={ADA}")).send(&mut world.vm);
    assert_eq!(outcome.status(), Some(401), "V4: refused, and never hung");
    let outcome = form().header("apikey", ADA).body("a=b").send(&mut world.vm);
    assert_eq!(outcome.status(), Some(200), "a key in the head is enough");
}

#[test]
fn what_may_never_end_is_never_waited_for() {
    let mut world = World::reading_bodies(r#"{"body":{"enabled":true}}"#);
    for (key, status) in [(Some(ADA), 200), (None, 401)] {
        let endless = [
            ("upgrade", "websocket", Exchange::get("/")),
            ("content-type", "application/grpc", Exchange::post("/")),
            ("x-none", "none", Exchange::new("CONNECT", "/")),
        ];
        for (name, value, exchange) in endless {
            let mut exchange = exchange
                .header(name, value)
                .property(SERVICE_PROPERTY, ORDERS)
                .endless();
            if let Some(key) = key {
                exchange = exchange.header("apikey", key);
            }
            let outcome = exchange.send(&mut world.vm);
            assert!(!outcome.is_hung() && !outcome.is_waiting(), "V4: {value}");
            let seen = match outcome.grpc_status() {
                // A refused gRPC request is a 200 with a status of its own.
                Some(16) => Some(401),
                _ => outcome.status(),
            };
            assert_eq!(seen, Some(status), "V4: {value} is decided at once");
            assert!(!matches!(outcome.end, End::Reset));
        }
    }
}

fn form() -> Exchange {
    Exchange::post("/")
        .header("content-type", FORM)
        .property(SERVICE_PROPERTY, ORDERS)
}
