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

const WORKERS: usize = 4;

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

    for (key, status) in [(key.key.as_str(), 200), ("nobody's", 401)] {
        let asked = questions_about_first_uses(&scene, key, (CLIENTS, status));
        assert_eq!(asked, 1, "{status}");
    }
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

#[test]
fn first_uses_at_several_workers_are_a_question_for_each_and_no_more() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, |config| on_demand(config.with_workers(WORKERS)?)).unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let key = world.key().unwrap().key;
    for mut worker in scene.envoy.connections_to_every_worker().unwrap() {
        stage::wait::until("a service at every worker", PATIENCE, || {
            let answer = worker.exchange(&with_key("/", "anybody's"));
            match answer.map_err(|error| error.to_string())?.status {
                401 => Ok(()),
                other => Err(other.to_string()),
            }
        })
        .unwrap();
    }
    for (key, status) in [("nobody's", 401), (key.as_str(), 200)] {
        let asked = questions_about_first_uses(&scene, key, (CLIENTS, status));
        assert!((1..=WORKERS as u64).contains(&asked), "{asked} questions");
    }
    assert_healthy(&scene, &[&key]).unwrap();
}

/// Uses a key from many clients at once; returns how many questions that was to the registry.
fn questions_about_first_uses(scene: &Scene, key: &str, (clients, status): (usize, u16)) -> u64 {
    let before = questions(scene);
    let request = with_key("/first", key);
    thread::scope(|threads| {
        let started: Vec<_> = (0..clients)
            .map(|_| threads.spawn(|| scene.envoy.send(&request)))
            .collect();
        for client in started {
            assert_eq!(client.join().unwrap().unwrap().status, status);
        }
    });
    questions(scene) - before
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
