//! Every worker has a table of its own; a deletion must reach each of them.

use std::time::Instant;

use serde_json::json;
use stage::client::Connection;
use stage::registry::{Database, Registry};
use stage::scene::Scene;
use stage::wait;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, PROPAGATION, World, with_key};

const WORKERS: usize = 4;

#[test]
fn a_deleted_credential_is_refused_by_every_worker_within_a_second() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, |config| config.with_workers(WORKERS)).unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let key = world.key().unwrap();
    let request = with_key("/", &key.key);
    let mut connections = scene.envoy.connections_to_every_worker().unwrap();
    assert_eq!(connections.len(), WORKERS);

    let status = |connection: &mut Connection| match connection.exchange(&request) {
        Ok(response) => response.status,
        Err(error) => panic!("a worker does not answer: {error}"),
    };
    for connection in &mut connections {
        wait::until("key at a worker", PATIENCE, || match status(connection) {
            200 => Ok(()),
            other => Err(other.to_string()),
        })
        .unwrap();
    }

    world.delete(&key).unwrap();
    let deleted = Instant::now();
    for connection in &mut connections {
        let left = PROPAGATION.saturating_sub(deleted.elapsed());
        wait::until("refusal by a worker", left, || match status(connection) {
            401 => Ok(()),
            other => Err(other.to_string()),
        })
        .unwrap();
    }
    println!("refused by every worker after {:?}", deleted.elapsed());
    for connection in &mut connections {
        assert_eq!(status(connection), 401, "and it stays so");
    }
    assert_healthy(&scene, &[&key.key]).unwrap();
}
