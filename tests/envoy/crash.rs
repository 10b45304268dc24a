//! A filter with a fault: what a crash or an endless loop costs, and what it never costs.
//!
//! The shipped filter has no fault that is known; these are planted.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use stage::client::{Connection, Request};
use stage::envoy::EnvoyConfig;
use stage::error::StageError;
use stage::planted;
use stage::registry::{Database, Registry};
use stage::relay::{Deed, Relay};
use stage::scene::Scene;
use stage::wait;
use tempfile::TempDir;

use crate::world::{PATIENCE, World, with_key};

/// How soon a filter that crashed must decide again.
const RECOVERY: Duration = Duration::from_secs(2);

/// How many requests wait when the filter crashes.
const WAITING: usize = 100;

/// What Envoy puts into a request's head of its own accord stays below it.
const MARGIN: i32 = 15;

/// The filter with faults, in a folder that goes away.
fn planted() -> Result<TempDir, StageError> {
    let folder = tempfile::tempdir().map_err(StageError::io("cannot make a folder"))?;
    planted::write(&folder.path().join("faulty.wasm"))?;
    Ok(folder)
}

fn faulty(config: EnvoyConfig, folder: &TempDir) -> EnvoyConfig {
    config.with_filter(&folder.path().join("faulty.wasm"))
}

/// Returns a request whose head has so many fields and a few more.
fn with_fields(target: &str, count: i32) -> Request {
    (0..count).fold(Request::get(target), |request, number| {
        request.header(&format!("x-field-{number}"), "1")
    })
}

#[test]
fn a_filter_that_crashed_is_back_in_two_seconds_and_lets_nobody_in_meanwhile() {
    let folder = planted().unwrap();
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, |config| Ok(faulty(config, &folder))).unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let key = world.key().unwrap().key;
    let allowed = with_key("/allowed", &key);
    scene.envoy.send_until(200, PATIENCE, &allowed).unwrap();
    let untouched = with_fields("/untouched", planted::HANGS_AT - MARGIN);
    let untouched = scene.envoy.send(&untouched).unwrap();
    assert_eq!(untouched.status, 401, "it has no other fault");

    for number in 1..=3 {
        let fatal = with_fields("/fatal", planted::TRAPS_AT).send(scene.envoy.address());
        let fatal = fatal.map(|response| response.status);
        assert!(fatal.is_err() || fatal == Ok(503), "{fatal:?}");
        let begin = Instant::now();
        wait::until("decision after a crash", RECOVERY, || {
            let stranger = Request::get("/stranger").send(scene.envoy.address());
            let stranger = stranger.map_err(|error| error.to_string())?.status;
            assert!([401, 503].contains(&stranger), "closed: {stranger}");
            let known = scene.envoy.send(&allowed);
            match known.map_err(|error| error.to_string())? {
                response if response.status == 200 => Ok(()),
                response => Err(format!("{} {}", response.status, response.text())),
            }
        })
        .unwrap();
        println!("decides again after {:?}", begin.elapsed());
        let stats = scene.envoy.stats().unwrap();
        let reloads = stats.matching("vm_reload", "vm_reload_success");
        let reloads: u64 = reloads.iter().map(|(_, count)| count).sum();
        assert_eq!(reloads, number, "whoever watches is told");
    }
    for target in ["/stranger", "/fatal", "/untouched"] {
        assert_eq!(scene.upstream.requests_for(target), [], "{target}");
    }
}

#[test]
fn requests_that_wait_when_the_filter_crashes_are_answered_all_the_same() {
    let folder = planted().unwrap();
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let relay = Relay::start(registry.listeners().gateway).unwrap();
    let token = registry.gateway_token().to_owned();
    let scene = Scene::set(registry, |config| {
        faulty(config, &folder)
            .registry(relay.address(), &token)?
            .plugin("mode", json!("on_demand"))?
            // Longer than this test: what ends the waiting is not the filter's own deadline.
            .plugin("registry", json!({"timeout_ms": 60_000}))?
            .manager("stream_idle_timeout", json!("1s"))
    })
    .unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let key = world.key().unwrap().key;
    let allowed = with_key("/allowed", &key);
    scene.envoy.send_until(200, PATIENCE, &allowed).unwrap();
    relay.follow(|asked| {
        if asked.is_for("/gateway/v1/check") {
            Deed::Stall(Vec::new())
        } else {
            Deed::HandOn
        }
    });

    let mut waiting = begin_to_wait(&scene);
    // Whether anything answers it does not matter here.
    let _ = with_fields("/fatal", planted::TRAPS_AT).send(scene.envoy.address());
    thread::scope(|clients| {
        let read = |one: &mut Connection| one.response("GET").map(|response| response.status);
        let clients: Vec<_> = waiting
            .iter_mut()
            .map(|one| clients.spawn(move || read(one)))
            .collect();
        for client in clients {
            let status = client.join().unwrap().unwrap();
            assert!(status >= 400, "a refusal, and no hanging: {status}");
        }
    });
    assert_eq!(scene.upstream.requests_for("/waiting"), []);
}

/// Sends requests with a key that has to be asked about, and returns where their answers will come.
fn begin_to_wait(scene: &Scene) -> Vec<Connection> {
    let request = with_key("/waiting", "a key nobody has seen yet").to_bytes();
    let connections = (0..WAITING).map(|_| {
        let mut connection = Connection::open(scene.envoy.address()).unwrap();
        connection.write(&request).unwrap();
        connection
    });
    let connections = connections.collect();
    wait::until("requests that wait", PATIENCE, || {
        let stats = scene.envoy.stats().map_err(|error| error.to_string())?;
        let waiting = stats.value("wasmcustom.keystile.callouts.coalesced");
        match waiting {
            Some(count) if count + 1 == WAITING as u64 => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .unwrap();
    connections
}

#[test]
fn a_worker_that_hangs_shows_at_its_listener_and_ends_envoy() {
    let folder = planted().unwrap();
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let mut scene = Scene::set(registry, |config| faulty(config, &folder).watchdog("1s")).unwrap();
    let probe = Request::get("/probe");
    scene.envoy.send_until(403, PATIENCE, &probe).unwrap();

    let mut endless = Connection::open(scene.envoy.address()).unwrap();
    let hanging = with_fields("/hangs", planted::HANGS_AT).to_bytes();
    endless.write(&hanging).unwrap();
    let late = Duration::from_millis(300);
    wait::until("probe without an answer", PATIENCE, || {
        let connection = Connection::open(scene.envoy.address());
        let answer = connection.and_then(|one| one.patience(late).exchange(&probe));
        answer.map_or(Ok(()), |answer| Err(answer.status.to_string()))
    })
    .unwrap();
    let ready = Request::get("/ready").send(scene.envoy.admin());
    if let Ok(ready) = ready {
        assert_eq!(ready.status, 200, "which is why nobody should ask there");
    }
    let ended = wait::until("end of Envoy", PATIENCE, || {
        match scene.envoy.still_runs() {
            Err(ended) => Ok(ended),
            Ok(()) => Err("it runs".to_owned()),
        }
    });
    println!("{}", ended.unwrap());
}
