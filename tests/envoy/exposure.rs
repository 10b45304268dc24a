//! What Envoy's administration pages and the registry's figures and log show to who may see them.

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

    reasons_are_labels(&scene);

    let token = scene.registry.gateway_token();
    for (page, landmark) in PAGES {
        let text = read(&scene, page);
        assert!(text.contains(landmark), "{page} shows {landmark}");
        for secret in [&key, wrong, token] {
            assert!(!text.contains(secret), "{page} shows a secret");
        }
    }
    registry_shows_none(&scene, &[&key, wrong, token]);
    assert_healthy(&scene, &[&key, wrong]).unwrap();
}

fn registry_shows_none(scene: &Scene, secrets: &[&str]) {
    let registry = &scene.registry;
    let figures = |address| Request::get("/metrics").send(address).unwrap();
    let listeners = registry.listeners();
    let places = [
        figures(listeners.admin).text().into_owned(),
        figures(listeners.gateway).text().into_owned(),
        registry.log(),
    ];
    for text in places {
        assert!(!text.is_empty());
        assert!(!secrets.iter().any(|secret| text.contains(secret)));
    }
}

/// The shipped `stats_tags` make one metric of all denials, with the reason as a label.
fn reasons_are_labels(scene: &Scene) {
    assert_eq!(scene.envoy.send(&Request::get("/")).unwrap().status, 401);
    let text = read(scene, "/stats/prometheus");
    let of_no_key = r#"keystile_denied{reason="no_key"} 1"#;
    assert!(text.lines().any(|line| line == of_no_key), "{text}");
    let unknown = r#"keystile_denied{reason="unknown_key"}"#;
    assert!(text.lines().any(|line| line.starts_with(unknown)), "{text}");
    assert!(!text.contains("keystile_denied_"), "{text}");
}

fn read(scene: &Scene, page: &str) -> String {
    let mut connection = Connection::open(scene.envoy.admin()).unwrap();
    let response = connection.exchange(&Request::get(page)).unwrap();
    response.text().into_owned()
}
