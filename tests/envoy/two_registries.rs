//! Two filter configurations in one virtual machine, each with a registry of its own.

use stage::client::Request;
use stage::envoy::EnvoyConfig;
use stage::registry::{Database, Registry};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, PROPAGATION, World, with_key};

#[test]
fn two_registries_in_one_machine_know_nothing_of_each_others_keys() {
    let first = Registry::start(&Database::Sqlite).unwrap();
    let second = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(first, |config| {
        config.with_second_registry(second.listeners().gateway, second.gateway_token())
    })
    .unwrap();
    let theirs = scene.envoy.address_of(EnvoyConfig::SECOND).unwrap();
    let ours = scene.envoy.address();
    let worlds = [&scene.registry, &second].map(|registry| World::found(registry).unwrap());
    let keys = worlds.each_ref().map(|world| {
        world.open("weather-v1").unwrap();
        world.key().unwrap()
    });

    let status = |address, key: &str| {
        let answer = with_key("/", key).send(address);
        answer.map(|answer| answer.status)
    };
    for (address, key) in [(ours, &keys[0]), (theirs, &keys[1])] {
        stage::wait::until("key of its own", PATIENCE, || {
            match status(address, &key.key) {
                Ok(200) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .unwrap();
    }
    for _ in 0..20 {
        assert_eq!(status(ours, &keys[0].key), Ok(200));
        assert_eq!(status(theirs, &keys[0].key), Ok(401));
        assert_eq!(status(ours, &keys[1].key), Ok(401));
        assert_eq!(status(theirs, &keys[1].key), Ok(200));
    }

    worlds[0].delete(&keys[0]).unwrap();
    let deleted = with_key("/", &keys[0].key);
    scene.envoy.send_until(401, PROPAGATION, &deleted).unwrap();
    assert_eq!(status(theirs, &keys[1].key), Ok(200), "the other's stays");
    let none = Request::get("/").send(theirs).unwrap();
    assert_eq!(none.status, 401);
    assert_healthy(&scene, &[&keys[0].key, &keys[1].key]).unwrap();
}
