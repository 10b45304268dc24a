//! The end of a key, with the registry and without it.

use std::time::Duration;

use keystile_registry::clock::Clock;
use serde_json::json;
use stage::registry::{Database, Registry};
use stage::scene::Scene;
use stage::wait;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

/// How long the key of this journey lives, in milliseconds: it is made and used first.
const LIFE_MS: i64 = 4_000;

/// How much longer than its life nobody waits for its end.
const ENOUGH: Duration = Duration::from_secs(8);

#[test]
fn a_key_ends_at_its_time_though_the_registry_is_gone() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let mut scene = Scene::set(registry, Ok).unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let lasting = world.key().unwrap().key;
    let with_lasting = with_key("/lasting", &lasting);
    scene
        .envoy
        .send_until(200, PATIENCE, &with_lasting)
        .unwrap();
    let end = Clock::System.now().plus_ms(LIFE_MS);
    let ending = world.key_until(end).unwrap().key;
    let with_ending = with_key("/ending", &ending);
    scene.envoy.send_until(200, PATIENCE, &with_ending).unwrap();

    scene.registry.kill();
    wait::until("end of the key", ENOUGH, || {
        let sent = Clock::System.now();
        let answer = scene
            .envoy
            .send(&with_ending)
            .map_err(|error| error.to_string())?;
        match answer.status {
            200 if sent < end => Err("it works".to_owned()),
            401 if Clock::System.now() >= end => Ok(()),
            other => panic!("{other} for a request sent {sent}, of a key that ends {end}"),
        }
    })
    .unwrap();
    let status = scene.envoy.send(&with_lasting).unwrap().status;
    assert_eq!(status, 200, "the other one stays");
    assert_healthy(&scene, &[&lasting, &ending]).unwrap();
}
