//! What Envoy's administration pages show to who may see them.

use serde_json::json;
use stage::client::{Connection, Request};
use stage::registry::{Database, Registry};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

/// The pages, and what must be on each, or finding no secret there says nothing.
const PAGES: [(&str, &str); 5] = [
    ("/config_dump?include_eds", "keystile-registry"),
    ("/stats", "wasmcustom.keystile.allowed"),
    ("/stats/prometheus", "keystile"),
    ("/clusters", "keystile-registry"),
    ("/listeners", "proxy"),
];

#[test]
fn the_administration_pages_of_envoy_hold_no_secret() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, Ok).unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let key = world.key().unwrap().key;
    let allowed = with_key("/", &key);
    scene.envoy.send_until(200, PATIENCE, &allowed).unwrap();
    let wrong = "a-wrong-key-somebody-sent";
    let in_query = Request::get(format!("/?apikey={wrong}"));
    assert_eq!(scene.envoy.send(&in_query).unwrap().status, 401);

    let token = scene.registry.gateway_token();
    for (page, landmark) in PAGES {
        let mut connection = Connection::open(scene.envoy.admin()).unwrap();
        let text = connection.exchange(&Request::get(page)).unwrap();
        let text = text.text();
        assert!(text.contains(landmark), "{page} shows {landmark}");
        for secret in [&key, wrong, token] {
            assert!(!text.contains(secret), "{page} shows a secret");
        }
    }
    assert_healthy(&scene, &[&key, wrong]).unwrap();
}
