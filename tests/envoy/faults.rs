//! Faults under load on four workers: the registry stands still, its PostgreSQL crashes, Envoy hands
//! over to a successor. Whatever happens, nobody gets in who may not.

use std::time::Instant;

use serde_json::json;
use stage::client::Request;
use stage::envoy::{EnvoyConfig, Route};
use stage::load::{self, Sent};
use stage::port::Port;
use stage::postgres::PostgreSql;
use stage::registry::{Database, Registry};
use stage::scene::Scene;
use stage::wait;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

const WORKERS: usize = 4;

/// How many allowed requests a fault has to last for.
const ENOUGH: usize = 300;

/// A gateway and what is asked of it, with what each is to be answered.
struct Gateway {
    scene: Scene,
    config: EnvoyConfig,
    world: World,
    key: String,
    requests: [(Request, u16); 4],
}

/// What became of the requests during a fault.
#[derive(Debug, Default)]
struct Tally {
    requests: usize,
    wrong_allows: usize,
    wrong_denies: usize,
    undecided: usize,
}

// === impl Gateway ===

impl Gateway {
    fn start(database: &Database, configure: impl FnOnce(EnvoyConfig) -> EnvoyConfig) -> Self {
        let registry = Registry::start(database).unwrap();
        let mut kept = None;
        let scene = Scene::set(registry, |config| {
            let config = config.with_workers(WORKERS)?.routes(&[
                Route::new("theirs", "/theirs").service("theirs-v1"),
                Route::new("ours", "/").service("ours-v1"),
            ])?;
            Ok(kept.insert(configure(config)).clone())
        })
        .unwrap();
        let world = World::found(&scene.registry).unwrap();
        world.join("ours-v1", &json!({})).unwrap();
        world.publish("theirs-v1", &json!({})).unwrap();
        let key = world.key().unwrap().key;
        let requests = [
            (with_key("/ours", &key), 200),
            (with_key("/theirs", &key), 403),
            (Request::get("/ours?no-key"), 401),
            (with_key("/ours?wrong", "nobodys"), 401),
        ];
        for (request, status) in &requests {
            scene.envoy.send_until(*status, PATIENCE, request).unwrap();
        }
        Self {
            scene,
            config: kept.unwrap(),
            world,
            key,
            requests,
        }
    }

    /// Sends all the time while a fault happens to the scene.
    fn under_load(&mut self, fault: impl FnOnce(&mut Scene, &EnvoyConfig)) -> Tally {
        let asked = self.requests.each_ref().map(|(request, _)| request.clone());
        let address = self.scene.envoy.address();
        let (scene, config) = (&mut self.scene, &self.config);
        let meanwhile = || fault(scene, config);
        let ((), sent) = load::during((address, WORKERS), &asked, meanwhile);
        let mut tally = Tally::default();
        for one in &sent {
            tally.add(one, self.requests[one.which].1);
        }
        println!("{tally:?}");
        assert!(tally.requests > 0, "{tally:?}");
        assert_eq!(tally.wrong_allows, 0, "{tally:?}");
        assert_eq!(tally.wrong_denies, 0, "{tally:?}");
        assert_eq!(self.scene.upstream.requests_for("/theirs"), []);
        tally
    }

    /// Waits until a key of now is known, and no more when it has been deleted.
    fn recovers(&self) {
        let begin = Instant::now();
        let fresh = wait::until("key after the fault", PATIENCE, || {
            self.world.key().map_err(|error| error.to_string())
        })
        .unwrap();
        let request = with_key("/ours", &fresh.key);
        let envoy = &self.scene.envoy;
        envoy.send_until(200, PATIENCE, &request).unwrap();
        self.world.delete(&fresh).unwrap();
        envoy.send_until(401, PATIENCE, &request).unwrap();
        println!("followed again after {:?}", begin.elapsed());
    }
}

// === impl Tally ===

impl Tally {
    fn add(&mut self, sent: &Sent, expected: u16) {
        self.requests += 1;
        match sent.status {
            Ok(status) if status == expected => {}
            Ok(200) => self.wrong_allows += 1,
            Ok(401 | 403) => self.wrong_denies += 1,
            _ => self.undecided += 1,
        }
    }
}

/// Waits until enough requests have passed while something is amiss.
fn outlast(scene: &Scene) {
    scene.upstream.forget();
    scene.upstream.wait_for("/ours", ENOUGH).unwrap();
}

#[test]
fn a_registry_that_stands_still_stops_nobody_and_lets_nobody_in() {
    let mut gateway = Gateway::start(&Database::Sqlite, |config| config);
    let tally = gateway.under_load(|scene, _| {
        scene.registry.signal("STOP").unwrap();
        outlast(scene);
        scene.registry.signal("CONT").unwrap();
    });
    assert_eq!(tally.undecided, 0, "{tally:?}");
    gateway.recovers();
    assert_healthy(&gateway.scene, &[&gateway.key]).unwrap();
}

#[test]
fn a_postgresql_that_crashes_stops_nobody_and_lets_nobody_in() {
    let mut server = PostgreSql::start().unwrap();
    let mut gateway = Gateway::start(&Database::Url(server.url()), |config| config);
    let tally = gateway.under_load(|scene, _| {
        server.crash();
        outlast(scene);
        server.start_again().unwrap();
        outlast(scene);
    });
    assert_eq!(tally.undecided, 0, "{tally:?}");
    gateway.recovers();
    assert_healthy(&gateway.scene, &[&gateway.key]).unwrap();
}

#[test]
fn a_successor_takes_over_from_envoy_and_lets_nobody_in_before_it_knows_them() {
    let ports = [Port::claim().unwrap(), Port::claim().unwrap()];
    let [proxy, admin] = ports.each_ref().map(Port::number);
    let mut gateway = Gateway::start(&Database::Sqlite, |config| {
        let config = config.listen(proxy, admin).unwrap();
        config.with_successors(proxy)
    });
    gateway.under_load(|scene, config| {
        scene.envoy.hot_restart(config).unwrap();
        outlast(scene);
    });
    gateway.recovers();
}
