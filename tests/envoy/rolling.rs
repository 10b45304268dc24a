//! Envoys are replaced one after the other while clients call.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;
use stage::client::{Connection, Request};
use stage::envoy::{Envoy, EnvoyConfig};
use stage::registry::{Database, Registry};
use stage::upstream::Upstream;
use stage::wait;

use crate::world::{PATIENCE, World, with_key};

const CLIENTS: usize = 4;

/// How often an Envoy is replaced.
const TIMES: usize = 3;

/// How many requests go through each.
const ENOUGH: usize = 300;

/// Where a balancer in front of the Envoys sends new connections. Each connection holds on to where it
/// leads, so that it is known when an Envoy has none left.
struct Balancer(Mutex<Arc<SocketAddr>>);

impl Balancer {
    fn place(&self) -> Arc<SocketAddr> {
        Arc::clone(&self.0.lock().unwrap())
    }

    /// Sends new connections elsewhere; returns where they went before.
    fn turn_to(&self, envoy: &Envoy) -> Arc<SocketAddr> {
        std::mem::replace(&mut *self.0.lock().unwrap(), Arc::new(envoy.address()))
    }

    /// Sends requests until it is over, on connections that are kept as long as Envoy keeps them.
    fn send_all(&self, request: &Request, is_over: &AtomicBool) -> usize {
        let mut count = 0;
        let mut kept: Option<(Arc<SocketAddr>, Connection)> = None;
        while !is_over.load(Ordering::Relaxed) {
            let (place, mut connection) = kept.take().unwrap_or_else(|| {
                let place = self.place();
                let connection = Connection::open(*place).unwrap();
                (place, connection)
            });
            let answer = connection.exchange(request).unwrap();
            assert_eq!(answer.status, 200, "70: {}", answer.text());
            if answer.header("connection").as_deref() != Some("close") {
                kept = Some((place, connection));
            }
            count += 1;
        }
        count
    }
}

/// Has an Envoy ask its clients to leave, waits until they have, and ends it.
fn drain(envoy: Envoy, place: &Arc<SocketAddr>) {
    let answer = Request::post("/healthcheck/fail").send(envoy.admin());
    assert_eq!(answer.unwrap().status, 200);
    wait::until("no connection", PATIENCE, || {
        match Arc::strong_count(place) {
            1 => Ok(()),
            count => Err(format!("{} are left", count - 1)),
        }
    })
    .unwrap();
    drop(envoy);
}

#[test]
fn envoys_that_are_replaced_one_after_the_other_cost_no_request() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let world = World::found(&registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let request = with_key("/", &world.key().unwrap().key);
    let upstream = Upstream::start().unwrap();
    let launch = || {
        let config = EnvoyConfig::shipped(upstream.address()).unwrap();
        let gateway = registry.listeners().gateway;
        let config = config.registry(gateway, registry.gateway_token()).unwrap();
        let envoy = Envoy::start(&config).unwrap();
        // Ready is who refuses a stranger, not who cannot say yet.
        let stranger = Request::get("/");
        envoy.send_until(401, PATIENCE, &stranger).unwrap();
        envoy
    };
    let mut envoy = launch();
    let balancer = Balancer(Mutex::new(Arc::new(envoy.address())));
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| scope.spawn(|| balancer.send_all(&request, &is_over)))
            .collect();
        for _ in 0..TIMES {
            upstream.forget();
            upstream.wait_for("/", ENOUGH).unwrap();
            let next = launch();
            let before = balancer.turn_to(&next);
            drain(std::mem::replace(&mut envoy, next), &before);
        }
        is_over.store(true, Ordering::Relaxed);
        let sent: usize = clients.into_iter().map(|one| one.join().unwrap()).sum();
        assert!(sent > TIMES * ENOUGH, "{sent}");
    });
}
