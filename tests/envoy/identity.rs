//! What the upstream learns of who is calling, and what it does not.

use serde_json::json;
use stage::client::Request;
use stage::error::StageError;
use stage::registry::{Database, Registry};
use stage::scene::Scene;
use stage::upstream::Recorded;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

/// Spellings that an upstream may read as one of the filter's own names (RFC 3875, section 4.1.18,
/// and what servers make of `.`).
const SPELLINGS: [&str; 9] = [
    "X-Consumer-ID",
    "x-consumer-id",
    "X_CONSUMER_ID",
    "x.consumer.username",
    "X-Consumer_Custom-ID",
    "x-consumer-groups",
    "X-Credential-Identifier",
    "X-Anonymous-Consumer",
    "X_Authenticated_Groups",
];

/// One worker, so that a VM that died would be the only one; Envoy's own protection is off, so that
/// the filter's is what is tried.
fn scene() -> Result<(Scene, World), StageError> {
    let registry = Registry::start(&Database::Sqlite)?;
    let scene = Scene::set(registry, |config| {
        config.without_early_protection()?.logging_queries()
    })?;
    let world = World::found(&scene.registry)?;
    world.join("weather-v1", &json!({"key_in_body": true}))?;
    Ok((scene, world))
}

#[test]
fn the_upstream_learns_who_calls_from_the_filter_alone() {
    let (scene, world) = scene().unwrap();
    let key = world.key().unwrap();
    let known = with_key("/known", &key.key);
    scene.envoy.send_until(200, PATIENCE, &known).unwrap();

    an_answer_is_the_clients_alone(&scene, &key.key);
    identity_headers_of_a_client_are_replaced(&scene, &world, &key.key);
    a_key_in_a_form_is_hidden(&scene, &key.key);
    a_denial_says_how_to_authenticate(&scene);
    a_header_that_is_no_text_is_refused(&scene, &key.key);

    // The access log of this scene shows whole targets: a key in a query must be gone from it.
    let in_query = Request::get(format!("/query?a=%2F&apikey={}&b", key.key));
    assert_eq!(scene.envoy.send(&in_query).unwrap().status, 200);
    let wrong = keystile_protocol::key::compose("ks", "00000000000000000000000000000000");
    let denied = Request::get(format!("/denied?apikey={wrong}&b"));
    assert_eq!(scene.envoy.send(&denied).unwrap().status, 401);
    stage::wait::until("access log of both", PATIENCE, || {
        let log = scene.envoy.log();
        let is_logged = log.contains("/query?a=%2F&b\"") && log.contains("/denied?b\"");
        is_logged.then_some(()).ok_or(log)
    })
    .unwrap();
    assert_healthy(&scene, &[&key.key, &wrong]).unwrap();
}

fn an_answer_is_the_clients_alone(scene: &Scene, key: &str) {
    let response = scene.envoy.send(&with_key("/cacheable", key)).unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(
        response.header("cache-control").as_deref(),
        Some("private"),
        "a shared cache knows nothing of keys"
    );
}

fn identity_headers_of_a_client_are_replaced(scene: &Scene, world: &World, key: &str) {
    let mut request = with_key("/spoofed", key);
    for name in SPELLINGS {
        request = request.header(name, "evil");
    }
    assert_eq!(scene.envoy.send(&request).unwrap().status, 200);

    let seen = only(scene, "/spoofed");
    assert!(!seen.holds("evil"), "the client's own never arrive");
    assert!(!seen.holds(key), "nor does its key");
    let id = world.application.to_string();
    assert_eq!(seen.head.values("x-consumer-id"), [id.as_bytes()]);
    assert_eq!(seen.head.values("x-consumer-username"), [b"Umbrella"]);
    assert_eq!(seen.head.values("x-consumer-custom-id"), [b"umbrella-1"]);
    assert!(seen.header("x-credential-identifier").is_some());
    assert_eq!(seen.header("x-anonymous-consumer"), None);
}

fn a_key_in_a_form_is_hidden(scene: &Scene, key: &str) {
    let request = Request::post("/form")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(format!("city=Utrecht&apikey={key}&day=1"));
    assert_eq!(scene.envoy.send(&request).unwrap().status, 200);

    let seen = only(scene, "/form");
    assert_eq!(seen.body_bytes(), b"city=Utrecht&day=1");
    assert!(seen.is_complete(), "its length says the same");
}

fn a_denial_says_how_to_authenticate(scene: &Scene) {
    let response = scene.envoy.send(&Request::get("/no-key")).unwrap();
    assert_eq!(response.status, 401);
    assert_eq!(response.header("www-authenticate").as_deref(), Some("Key"));
    assert_eq!(
        response.header("content-type").as_deref(),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(
        response.header("cache-control").as_deref(),
        Some("no-store")
    );
    assert_eq!(response.json()["message"], "No API key found in request");
    assert_eq!(scene.upstream.requests_for("/no-key"), []);
}

fn a_header_that_is_no_text_is_refused(scene: &Scene, key: &str) {
    let odd = Request::get("/odd").header("apikey", vec![0xff, 0xfe, 0x80]);
    assert_eq!(scene.envoy.send(&odd).unwrap().status, 401);
    let elsewhere = with_key("/elsewhere", key).header("x-odd", vec![0xc3, 0x28]);
    assert_eq!(scene.envoy.send(&elsewhere).unwrap().status, 200);
    let next = scene.envoy.send(&with_key("/next", key)).unwrap();
    assert_eq!(next.status, 200, "the worker serves the next request");
}

/// Returns the one request for a target.
fn only(scene: &Scene, target: &str) -> Recorded {
    let mut seen = scene.upstream.requests_for(target);
    assert_eq!(seen.len(), 1, "{target}");
    seen.remove(0)
}
