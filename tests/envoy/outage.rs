//! The registry comes late, goes away and comes back; Envoy is never touched.

use serde_json::json;
use stage::registry::{Database, Listeners, Registry};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, PROPAGATION, World, with_key};

const TARGET: &str = "/";

#[test]
fn a_gateway_waits_for_the_registry_and_outlives_it() {
    let registry = Registry::prepare(&Database::Sqlite, Listeners::free().unwrap()).unwrap();
    let mut scene = Scene::set(registry, Ok).unwrap();

    let anything = with_key(TARGET, "anything");
    let early = scene.envoy.send(&anything).unwrap();
    assert_eq!(early.status, 503, "nothing is known, so nothing is decided");
    let retry_after = early.header("retry-after").unwrap();
    assert!(retry_after.parse::<u32>().is_ok(), "{retry_after}");
    assert_eq!(scene.upstream.requests(), [], "no one gets through");

    scene.registry.start_again().unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let known = world.key().unwrap();
    let with_known = with_key(TARGET, &known.key);
    scene.envoy.send_until(200, PATIENCE, &with_known).unwrap();

    scene.registry.kill();
    for _ in 0..3 {
        let response = scene.envoy.send(&with_known).unwrap();
        assert_eq!(response.status, 200, "a known key goes on");
    }
    let unknown = scene.envoy.send(&anything).unwrap();
    assert_eq!(unknown.status, 401, "an unknown one stays unknown");

    scene.registry.start_again().unwrap();
    let fresh = world.key().unwrap();
    let with_fresh = with_key(TARGET, &fresh.key);
    scene.envoy.send_until(200, PATIENCE, &with_fresh).unwrap();
    world.delete(&known).unwrap();
    let refused = scene.envoy.send_until(401, PROPAGATION, &with_known);
    assert!(refused.is_ok(), "the feed goes on: {refused:?}");

    assert_healthy(&scene, &[&known.key, &fresh.key]).unwrap();
}
