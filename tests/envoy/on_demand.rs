//! A gateway that holds only the keys it has seen, and asks about the others.

use std::thread;

use serde_json::json;
use stage::envoy::EnvoyConfig;
use stage::registry::{Database, Registry};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, PROPAGATION, World, with_key};

/// How many clients use a key for the first time at once: so many that letting all of them go in one
/// callback would overflow the VM's stack.
const CLIENTS: usize = 300;

/// Longer than the journey: what ends a refusal here is not its age.
const NEGATIVE_TTL_S: u32 = 600;

fn on_demand(config: EnvoyConfig) -> Result<EnvoyConfig, stage::error::StageError> {
    let bounds = json!({"max_entries": 100, "negative_ttl_s": NEGATIVE_TTL_S});
    config
        .plugin("mode", json!("on_demand"))?
        .plugin("on_demand", bounds)
}

#[test]
fn a_gateway_on_demand_asks_once_about_each_key_and_hears_of_revocations() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let mut scene = Scene::set(registry, on_demand).unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let key = world.key().unwrap();
    let kept = world.key().unwrap();
    let with_kept = with_key("/", &kept.key);
    scene.envoy.send_until(200, PATIENCE, &with_kept).unwrap();

    first_uses_are_one_question(&scene, &key.key, 200);
    first_uses_are_one_question(&scene, "nobody's", 401);
    let later = later_key_works_at_once(&scene, &world);

    world.delete(&key).unwrap();
    let refused = scene
        .envoy
        .send_until(401, PROPAGATION, &with_key("/", &key.key));
    assert!(refused.is_ok(), "the feed tells of it: {refused:?}");

    scene.registry.kill();
    let known = scene.envoy.send(&with_kept).unwrap();
    assert_eq!(known.status, 200, "what is held goes on");
    let unseen = scene.envoy.send(&with_key("/", "unseen")).unwrap();
    assert_eq!(unseen.status, 503, "of others it cannot tell");
    assert_healthy(&scene, &[&key.key, &kept.key, &later]).unwrap();
}

fn first_uses_are_one_question(scene: &Scene, key: &str, status: u16) {
    let before = questions(scene);
    let request = with_key("/first", key);
    thread::scope(|clients| {
        let started = [(); CLIENTS].map(|()| clients.spawn(|| scene.envoy.send(&request)));
        for client in started {
            assert_eq!(client.join().unwrap().unwrap().status, status);
        }
    });
    assert_eq!(questions(scene), before + 1);
}

/// Returns the key.
fn later_key_works_at_once(scene: &Scene, world: &World) -> String {
    let key = keystile_protocol::key::compose("ks", "0123456789abcdefghijklmnopqrstuv");
    let request = with_key("/later", &key);
    let before = questions(scene);
    for _ in 0..3 {
        assert_eq!(scene.envoy.send(&request).unwrap().status, 401);
    }
    assert_eq!(questions(scene), before + 1, "a refusal is remembered");
    world.import(&key).unwrap();
    let admitted = scene.envoy.send_until(200, PROPAGATION, &request);
    assert!(admitted.is_ok(), "but not for longer than it is true");
    key
}

fn questions(scene: &Scene) -> u64 {
    let stats = scene.envoy.stats().unwrap();
    stats.value("wasmcustom.keystile.callouts.check").unwrap()
}
