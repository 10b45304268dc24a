//! The registry comes late, goes away and comes back; Envoy is never touched.

use std::time::Duration;

use serde_json::json;
use stage::load;
use stage::registry::{Database, Listeners, Registry};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, PROPAGATION, World, with_key};

const TARGET: &str = "/";

/// How many clients go on when the registry dies, and for how many requests.
const CLIENTS: usize = 4;
const ENOUGH: usize = 300;

/// Less than any deadline the filter has for the registry.
const SOON: Duration = Duration::from_millis(500);

/// How soon everything is decided again after an outage.
const RETURN: Duration = Duration::from_secs(5);

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

    let clients = (scene.envoy.address(), CLIENTS);
    let ((), sent) = load::during(clients, std::slice::from_ref(&with_known), || {
        scene.registry.kill();
        scene.upstream.forget();
        scene.upstream.wait_for(TARGET, ENOUGH).unwrap();
    });
    for one in sent {
        assert_eq!(one.status, Ok(200), "a known key goes on");
        assert!(
            one.took < SOON,
            "nobody waits for who is gone: {:?}",
            one.took
        );
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

#[test]
fn what_is_too_old_decides_nothing_and_is_forgotten_when_the_registry_is_back() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let mut scene = Scene::set(registry, |config| config.plugin("max_stale_s", json!(2))).unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let known = world.key().unwrap();
    let with_known = with_key(TARGET, &known.key);
    let anything = with_key(TARGET, "anything");
    scene.envoy.send_until(200, PATIENCE, &with_known).unwrap();

    scene.registry.kill();
    let unknown = scene.envoy.send(&anything).unwrap().status;
    assert_eq!(unknown, 401, "what is known is fresh");
    let stale = scene.envoy.send_until(503, RETURN, &with_known).unwrap();
    assert!(stale.header("retry-after").is_some());
    scene.upstream.forget();
    for request in [&with_known, &anything].repeat(20) {
        let status = scene.envoy.send(request).unwrap().status;
        assert_eq!(status, 503, "for all, and it stays so");
    }
    assert_eq!(scene.upstream.requests(), []);

    scene.registry.start_again().unwrap();
    let back = scene.envoy.send_until(200, RETURN, &with_known);
    assert!(back.is_ok(), "{back:?}");
    assert_eq!(scene.envoy.send(&anything).unwrap().status, 401);
    assert_healthy(&scene, &[&known.key]).unwrap();
}
