//! The shipped access log by application, which reads what the filter puts into the filter state.

use serde_json::{Value, json};
use stage::client::Request;
use stage::registry::{Database, Registry};
use stage::scene::Scene;
use stage::wait;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

#[test]
fn the_access_log_names_application_and_credential_of_what_was_admitted() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, |config| {
        config
            .logging_by_application()?
            .plugin("filter_state", json!(true))
    })
    .unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let key = world.key().unwrap();
    let good = with_key("/", &key.key);
    scene.envoy.send_until(200, PATIENCE, &good).unwrap();
    // Nobody can say who they are themselves.
    let spoofed = Request::get("/").header("x-consumer-id", "evil");
    assert_eq!(scene.envoy.send(&spoofed).unwrap().status, 401);

    let admitted = line(&scene, 200);
    assert_eq!(admitted["application"], world.application.to_string());
    assert_eq!(admitted["credential"], key.id.to_string());
    let refused = line(&scene, 401);
    assert_eq!(
        (&refused["application"], &refused["credential"]),
        (&Value::Null, &Value::Null)
    );
    assert_healthy(&scene, &[&key.key]).unwrap();
}

/// Returns the last line of this log with a status.
fn line(scene: &Scene, status: u16) -> Value {
    wait::until("a line of the log", PATIENCE, || {
        let log = scene.envoy.log();
        let lines = log
            .lines()
            .rev()
            .filter_map(|line| serde_json::from_str(line).ok());
        let mut lines = lines.filter(|line: &Value| line.get("credential").is_some());
        let found = lines.find(|line| line["status"] == status);
        found.ok_or(log)
    })
    .unwrap()
}
