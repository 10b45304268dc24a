//! The shipped limit counts the requests of each application for itself.

use stage::client::Connection;
use stage::envoy::EnvoyConfig;
use stage::registry::{Database, Registry};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

/// What the shipped file lets an application do in a minute, and a little.
const TOO_MANY: usize = 310;

#[test]
fn an_application_that_calls_too_often_is_refused_and_others_are_not() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, EnvoyConfig::limited_by_application).unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.open("weather-v1").unwrap();
    let greedy = world.key().unwrap();
    let modest = world.key_of_another().unwrap();
    let with_modest = with_key("/", &modest.key);
    scene.envoy.send_until(200, PATIENCE, &with_modest).unwrap();

    // A client cannot borrow another application's share.
    let request = with_key("/", &greedy.key).header("x-consumer-id", "of nobody");
    let mut connection = Connection::open(scene.envoy.address()).unwrap();
    let mut statuses = (0..TOO_MANY).map(|_| connection.exchange(&request).unwrap().status);
    assert_eq!(statuses.next(), Some(200));
    assert_eq!(statuses.find(|status| *status != 200), Some(429));

    assert_eq!(scene.envoy.send(&with_modest).unwrap().status, 200);
    assert_healthy(&scene, &[&greedy.key, &modest.key]).unwrap();
}
