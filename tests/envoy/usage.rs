//! What the registry learns of requests through a real Envoy: the statuses clients saw, how long
//! they waited, and when a key was last used.

use std::collections::BTreeMap;

use keystile_registry::clock::Clock;
use keystile_registry::random::Random;
use keystile_registry::storage::Storage;
use keystile_registry::storage::usage::{Dimension, Figure, Question, query};
use serde_json::json;
use stage::client::{Connection, Request};
use stage::envoy::Route;
use stage::error::StageError;
use stage::registry::{Database, Registry};
use stage::scene::Scene;
use stage::wait;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

const WORKERS: usize = 2;

/// How many requests there were, by the status their clients saw.
type Counts = BTreeMap<u16, i64>;

#[test]
fn every_worker_reports_the_statuses_and_latencies_that_clients_saw() {
    let (scene, world) = scene().unwrap();
    let key = world.key().unwrap();
    let unused = world.key().unwrap();
    let mut sent = Counts::new();
    for connection in &mut scene.envoy.connections_to_every_worker().unwrap() {
        *sent.entry(200).or_default() += admitted_tries(connection, &key.key);
        for (request, status, is_counted) in requests(&key.key) {
            assert_eq!(connection.exchange(&request).unwrap().status, status);
            if is_counted {
                *sent.entry(status).or_default() += 1;
            }
        }
    }
    // One that does not wait for its answer saw no status.
    let left = with_key("/left", &key.key).header("x-stage-delay-ms", "1000");
    let mut leaving = Connection::open(scene.envoy.address()).unwrap();
    leaving.write(&left.to_bytes()).unwrap();
    scene.upstream.wait_for("/left", 1).unwrap();
    drop(leaving);
    sent.insert(0, 1);

    let figures = wait::until("usage at the registry", PATIENCE, || {
        let figures = figures(scene.registry.database());
        let seen = figures.iter().map(status_and_requests).collect();
        if sent == seen {
            Ok(figures)
        } else {
            Err(format!("{seen:?}, not {sent:?}"))
        }
    })
    .unwrap();
    let slow = figures.iter().find(|figure| figure.status == Some(202));
    let median = slow
        .and_then(|figure| figure.latencies.percentile_ms(50))
        .unwrap();
    assert!((384.0..5_000.0).contains(&median), "{median} ms of 400");

    assert!(world.last_used(&key).unwrap().is_some());
    assert_eq!(world.last_used(&unused).unwrap(), None);
    every_machine_reports(&world);
    assert_healthy(&scene, &[&key.key, &unused.key]).unwrap();
}

fn scene() -> Result<(Scene, World), StageError> {
    let registry = Registry::start(&Database::Sqlite)?;
    let scene = Scene::set(registry, |config| {
        let config = config.with_workers(WORKERS)?.plugin("report_s", json!(1))?;
        config.routes(&[
            Route::new("private", "/private").service("private-v1"),
            Route::new("weather", "/").service("weather-v1"),
        ])
    })?;
    let world = World::found(&scene.registry)?;
    world.join("weather-v1", &json!({}))?;
    world.publish("private-v1", &json!({}))?;
    Ok((scene, world))
}

/// Requests, the status of each, and whether a known key is used for it.
fn requests(key: &str) -> [(Request, u16, bool); 7] {
    let upstream = |status: &str| with_key("/", key).header("x-stage-status", status);
    [
        (upstream("201"), 201, true),
        (upstream("201"), 201, true),
        (upstream("404"), 404, true),
        (upstream("500"), 500, true),
        (upstream("202").header("x-stage-delay-ms", "400"), 202, true),
        (with_key("/private", key), 403, true),
        (with_key("/", "nobodys-key"), 401, false),
    ]
}

/// Waits until a worker knows the key; returns how many requests it has admitted by then.
fn admitted_tries(connection: &mut Connection, key: &str) -> i64 {
    let request = with_key("/", key);
    wait::until("key at a worker", PATIENCE, || {
        let response = connection
            .exchange(&request)
            .map_err(|error| error.to_string())?;
        match response.status {
            200 => Ok(1),
            other => Err(other.to_string()),
        }
    })
    .unwrap()
}

/// Waits until every virtual machine has said how it is doing: Envoy's main thread has one, too.
fn every_machine_reports(world: &World) {
    let seen = wait::until("report of every machine", PATIENCE, || {
        let seen = world.gateways().map_err(|error| error.to_string())?;
        let machines = seen["data"].as_array().cloned().unwrap_or_default();
        let has_reported = machines.iter().all(|one| !one["version"].is_null());
        if machines.len() == WORKERS + 1 && has_reported {
            Ok(machines)
        } else {
            Err(seen.to_string())
        }
    });
    for machine in seen.unwrap() {
        assert_eq!(machine["gateway"], "gateway-1");
        assert_eq!(machine["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(machine["warnings"], json!([]));
    }
}

/// Reads what was counted by status, as statistics do.
fn figures(database: &str) -> Vec<Figure> {
    let question = Question {
        until_ms: i64::MAX,
        by: vec![Dimension::Status],
        ..Question::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let (url, random) = (database.parse().unwrap(), Random::seeded(1));
        let storage = Storage::open(&url, &Clock::System, &random).await.unwrap();
        let figures = query(&mut storage.read().await.unwrap(), &question).await;
        storage.close().await;
        figures.unwrap()
    })
}

fn status_and_requests(figure: &Figure) -> (u16, i64) {
    (figure.status.unwrap(), figure.latencies.requests())
}
