//! Revocation on many workers of several Envoys, under load, and when the registry dies of it.

use std::time::Instant;

use keystile_protocol::id::CredentialId;
use keystile_protocol::key;
use serde_json::json;
use stage::client::{Connection, Request};
use stage::envoy::{Envoy, EnvoyConfig};
use stage::load::{self, Sent};
use stage::registry::{Database, Registry};
use stage::scene::Scene;
use stage::wait;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, PROPAGATION, World, with_key};

const WORKERS: usize = 4;
const TRIALS: usize = 5;

/// Two Envoys with several workers each, and one registry.
struct Gateways {
    scene: Scene,
    other: Envoy,
    world: World,
}

// === impl Gateways ===

impl Gateways {
    fn start() -> Self {
        let registry = Registry::start(&Database::Sqlite).unwrap();
        let mut kept: Option<EnvoyConfig> = None;
        let scene = Scene::set(registry, |config| {
            let config = config.with_workers(WORKERS)?;
            Ok(kept.insert(config).clone())
        })
        .unwrap();
        let other = Envoy::start(&kept.unwrap()).unwrap();
        let world = World::found(&scene.registry).unwrap();
        world.join("weather-v1", &json!({})).unwrap();
        Self {
            scene,
            other,
            world,
        }
    }

    /// Opens a connection to every worker there is.
    fn connections(&self) -> Vec<Connection> {
        let envoys = [&self.scene.envoy, &self.other];
        let connections = envoys.map(|envoy| envoy.connections_to_every_worker().unwrap());
        connections.into_iter().flatten().collect()
    }
}

fn status(connection: &mut Connection, request: &Request) -> u16 {
    connection.exchange(request).unwrap().status
}

/// Waits until a request gets a status from every worker.
fn wait_for_all(connections: &mut [Connection], status_is: u16, request: &Request) {
    for connection in connections {
        wait::until("status at every worker", PATIENCE, || {
            match status(connection, request) {
                seen if seen == status_is => Ok(()),
                seen => Err(seen.to_string()),
            }
        })
        .unwrap();
    }
}

#[test]
fn no_worker_of_two_envoys_takes_a_revoked_key_later_than_promised() {
    let gateways = Gateways::start();
    let (world, envoys) = (&gateways.world, [&gateways.scene.envoy, &gateways.other]);
    let mut connections = gateways.connections();
    for trial in 0..TRIALS {
        let (idle, hammered) = (world.key().unwrap(), world.key().unwrap());
        let with_idle = with_key("/idle", &idle.key);
        let with_hammered = with_key("/hammered", &hammered.key);
        wait_for_all(&mut connections, 200, &with_idle);
        wait_for_all(&mut connections, 200, &with_hammered);

        let mut acknowledged = Instant::now();
        // One for each worker: Envoy gives a connection to the worker that has the fewest.
        let requests = [with_hammered.clone()];
        let revoke = || {
            world.delete(&idle).unwrap();
            world.delete(&hammered).unwrap();
            acknowledged = Instant::now();
            wait_for_all(&mut connections, 401, &with_hammered);
        };
        let hammer_other = || load::during((envoys[1].address(), WORKERS), &requests, revoke);
        let (((), second), first) =
            load::during((envoys[0].address(), WORKERS), &requests, hammer_other);
        let sent: Vec<Sent> = first.into_iter().chain(second).collect();
        assert!(sent.iter().all(|one| matches!(one.status, Ok(200 | 401))));
        let late = sent.iter().filter(|one| one.status == Ok(200));
        let late = late.map(|one| one.at.saturating_duration_since(acknowledged));
        let latest = late.max().unwrap_or_default();
        println!("trial {trial}: {latest:?} of {} requests", sent.len());
        assert!(latest <= PROPAGATION, "allowed {latest:?} after the answer");
        for connection in &mut connections {
            let first_call = status(connection, &with_idle);
            assert_eq!(
                first_call, 401,
                "a key nobody used meanwhile, at its first use"
            );
        }
    }
    assert_healthy(&gateways.scene, &[]).unwrap();
}

#[test]
fn a_revocation_that_was_answered_holds_though_the_registry_dies_at_once() {
    let mut gateways = Gateways::start();
    let mut connections = gateways.connections();
    let lasting = gateways.world.key().unwrap().key;
    let with_lasting = with_key("/lasting", &lasting);
    for _ in 0..2 {
        let doomed = gateways.world.key().unwrap();
        let with_doomed = with_key("/doomed", &doomed.key);
        wait_for_all(&mut connections, 200, &with_doomed);
        gateways.world.delete(&doomed).unwrap();
        gateways.scene.registry.kill();
        for connection in &mut connections {
            assert_eq!(
                status(connection, &with_lasting),
                200,
                "an outage stops nobody"
            );
        }
        gateways.scene.registry.start_again().unwrap();
        wait_for_all(&mut connections, 401, &with_doomed);
        for connection in &mut connections {
            assert_eq!(status(connection, &with_doomed), 401, "and it stays so");
        }
    }
    assert_healthy(&gateways.scene, &[&lasting]).unwrap();
}

/// When a key was made and taken away: asked for, and answered.
#[derive(Debug, Clone, Copy, Default)]
struct Life {
    making: Option<Instant>,
    made: Option<Instant>,
    ending: Option<Instant>,
    ended: Option<Instant>,
}

// === impl Life ===

impl Life {
    /// Whether an answer is one that some order of all that happened explains, if what happened is
    /// seen no later than promised.
    fn explains(&self, sent: &Sent) -> bool {
        let begun_after =
            |moment: Option<Instant>| moment.is_some_and(|moment| sent.at > moment + PROPAGATION);
        let over_before =
            |moment: Option<Instant>| moment.is_none_or(|moment| sent.at + sent.took < moment);
        match sent.status {
            Ok(200) => !over_before(self.making) && !begun_after(self.ended),
            Ok(401) => !begun_after(self.made) || !over_before(self.ending),
            _ => false,
        }
    }
}

#[test]
fn every_answer_in_a_history_with_outages_is_explained_by_what_happened_before() {
    let mut gateways = Gateways::start();
    let mut connections = gateways.connections();
    let keys: [String; 5] = std::array::from_fn(|number| {
        key::compose("ks", &format!("{number}123456789abcdefghijklmnopqrstuv"))
    });
    let requests = keys.each_ref().map(|key| with_key("/", key));
    let mut lives = [Life::default(); 5];
    let address = gateways.scene.envoy.address();
    let (Gateways { scene, world, .. }, lives_now) = (&mut gateways, &mut lives);
    let meanwhile = || {
        let mut before: Option<(usize, CredentialId)> = None;
        for (number, key) in keys.iter().enumerate() {
            lives_now[number].making = Some(Instant::now());
            let id = world.import(key).unwrap();
            lives_now[number].made = Some(Instant::now());
            wait_for_all(&mut connections, 200, &requests[number]);
            if let Some((before, id)) = before.replace((number, id)) {
                lives_now[before].ending = Some(Instant::now());
                world.delete_id(id).unwrap();
                lives_now[before].ended = Some(Instant::now());
                wait_for_all(&mut connections, 401, &requests[before]);
            }
            if number % 2 == 0 {
                scene.registry.start_again().unwrap();
                // What is seen everywhere shows that the feed is followed again.
                let marker = world.key().unwrap();
                wait_for_all(&mut connections, 200, &with_key("/marker", &marker.key));
            }
        }
    };
    let ((), sent) = load::during((address, WORKERS), &requests, meanwhile);
    let odd: Vec<_> = sent
        .iter()
        .filter(|one| !lives[one.which].explains(one))
        .collect();
    println!("{} requests", sent.len());
    assert!(odd.is_empty(), "of {}: {odd:?}\n{lives:?}", sent.len());
    let keys = keys.each_ref().map(String::as_str);
    assert_healthy(&gateways.scene, &keys).unwrap();
}
