//! What gateways of version 1 sent and were sent, byte for byte, kept since that version was made.

use keystile_protocol::wire;
use stage::client::{Request, Response};
use stage::registry::{Database, Registry};

const CHECK: &str = include_str!("../../protocol/src/wire/check.v1.hex");
const REPORT: &str = include_str!("../../protocol/src/wire/report.v1.hex");

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    hex.trim().as_bytes().chunks(2).map(byte).collect()
}

/// Sends what an older gateway sent.
fn send(registry: &Registry, (path, media_type): (&str, &str), body: Vec<u8>) -> Response {
    let token = format!("Bearer {}", registry.gateway_token());
    let request = Request::post(path)
        .header("authorization", token)
        .header("content-type", media_type)
        .header("accept", media_type)
        .body(body);
    request.send(registry.listeners().gateway).unwrap()
}

/// The page that older gateways read, and the answers, are held by the tests of `protocol/src/wire`.
#[test]
fn what_an_older_gateway_sends_is_understood_to_the_byte() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let question = bytes(CHECK.lines().next().unwrap());
    let answer = send(&registry, ("/gateway/v1/check", wire::CHECK), question);
    assert_eq!(answer.status, 200, "71: {}", answer.text());
    let known: keystile_protocol::check::CheckResponse = wire::decode(&answer.body).unwrap();
    assert_eq!(
        known.digest,
        keystile_protocol::key::KeyDigest::from_bytes([5; 32]),
        "71"
    );
    let answer = send(&registry, ("/gateway/v1/usage", wire::USAGE), bytes(REPORT));
    assert_eq!(answer.status, 200, "71: {}", answer.text());
    let admin = registry.admin().unwrap();
    let gateways = admin.caller().get("/admin/v1/gateways").unwrap();
    assert!(
        gateways.body.to_string().contains("edge-1"),
        "71: {}",
        gateways.body
    );
}
