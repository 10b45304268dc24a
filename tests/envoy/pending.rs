//! Uploads while a question about their key is under way.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use stage::client::{Request, Response};
use stage::error::StageError;
use stage::registry::{Database, Registry};
use stage::relay::{Deed, Relay};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

const CHECK: &str = "/gateway/v1/check";

/// Far more than Envoy buffers of a request.
const UPLOAD: usize = 20 * 1024 * 1024;

/// How long an answer about a key takes: longer than a client needs to fill every buffer on the way.
const ANSWER: Duration = Duration::from_millis(500);

#[test]
fn a_large_upload_waits_for_the_answer_about_its_key_and_passes() {
    let (scene, relay) = scene().unwrap();
    let world = World::found(&scene.registry).unwrap();
    world
        .join("weather-v1", &json!({"key_in_body": true}))
        .unwrap();
    let first = world.key().unwrap().key;
    relay.follow(|question| {
        if question.is_for(CHECK) {
            thread::sleep(ANSWER);
        }
        Deed::HandOn
    });
    let known = with_key("/known", &first);
    scene.envoy.send_until(200, PATIENCE, &known).unwrap();

    let unseen = world.key().unwrap().key;
    let admitted = upload(&scene, &unseen);
    assert_eq!(admitted.status, 200, "{}", admitted.text());
    assert_eq!(admitted.json()["body_bytes"], UPLOAD);
    assert_eq!(upload(&scene, "nobodys-key").status, 401);
    assert_eq!(scene.upstream.requests_for("/upload").len(), 1);
    assert_healthy(&scene, &[&first, &unseen]).unwrap();
}

/// A gateway on demand, with a relay on its way to the registry.
fn scene() -> Result<(Scene, Relay), StageError> {
    let registry = Registry::start(&Database::Sqlite)?;
    let relay = Relay::start(registry.listeners().gateway)?;
    let token = registry.gateway_token().to_owned();
    let address = json!({
        "cluster": "keystile-registry",
        "authority": "keystile-registry",
        "timeout_ms": 5_000,
    });
    let scene = Scene::set(registry, |config| {
        config
            .registry(relay.address(), &token)?
            .plugin("mode", json!("on_demand"))?
            .plugin("registry", address)
    })?;
    Ok((scene, relay))
}

/// Sends a large file with a key that has not been seen; it has to wait for the answer.
fn upload(scene: &Scene, key: &str) -> Response {
    let upload = Request::post("/upload")
        .header("apikey", key)
        .header("Content-Type", "application/octet-stream")
        .body(vec![b'a'; UPLOAD]);
    let begun = Instant::now();
    let response = scene.envoy.send(&upload).unwrap();
    assert!(begun.elapsed() >= ANSWER, "it waited for the answer");
    response
}
