//! Answers of the registry that are broken, half, far too large or not its own.

mod lies;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use stage::client::Request;
use stage::error::StageError;
use stage::registry::{Database, Registry};
use stage::relay::{Asked, Deed, Relay};
use stage::scene::Scene;
use stage::wait;

use lies::{LIES, Lie, ODDITIES, SILENCES};

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

const FEED: &str = "/gateway/v1/state";
const CHECK: &str = "/gateway/v1/check";

/// Twice the filter's own deadline for a question, and what a busy machine adds.
const DEADLINE: Duration = Duration::from_secs(3);

/// There are two machines, the main thread's and the worker's: this often each has been told once.
const ONE_FOR_EACH: u64 = 2;

/// This often one has asked again after a lie.
const ASKED_AGAIN: u64 = 3;

/// A gateway whose way to the registry leads through a relay.
struct Gateway {
    scene: Scene,
    relay: Relay,
    world: World,
}

// === impl Gateway ===

impl Gateway {
    fn start(mode: &str) -> Result<Self, StageError> {
        let registry = Registry::start(&Database::Sqlite)?;
        let relay = Relay::start(registry.listeners().gateway)?;
        let token = registry.gateway_token().to_owned();
        let scene = Scene::set(registry, |config| {
            let config = config.registry(relay.address(), &token)?;
            config.plugin("mode", json!(mode))
        })?;
        let world = World::found(&scene.registry)?;
        world.join("weather-v1", &json!({}))?;
        Ok(Self {
            scene,
            relay,
            world,
        })
    }

    /// Returns a key that works.
    fn known(&self) -> String {
        let key = self.world.key().unwrap().key;
        let request = with_key("/known", &key);
        self.scene
            .envoy
            .send_until(200, PATIENCE, &request)
            .unwrap();
        key
    }

    fn status(&self, key: &str) -> u16 {
        self.scene.envoy.send(&with_key("/", key)).unwrap().status
    }

    /// Answers requests for a path so from now on.
    fn answer(&self, path: &'static str, lie: Lie) -> Told {
        let told = Told::default();
        let count = Arc::clone(&told.0);
        self.relay.follow(move |asked: &Asked| {
            if !asked.is_for(path) {
                return Deed::HandOn;
            }
            let deed = asked.truth().map_or(Deed::HandOn, |truth| lie(&truth));
            count.fetch_add(1, Ordering::Relaxed);
            deed
        });
        told
    }

    /// Has the feed falsified while a key is withdrawn: what was known holds, and the withdrawal
    /// comes as soon as the truth is told again.
    fn withstand(&self, (what, lie): (&str, Lie), known: &str, times: u64) {
        let envoy = &self.scene.envoy;
        let doomed = self.world.key().unwrap();
        let with_doomed = with_key("/doomed", &doomed.key);
        envoy.send_until(200, PATIENCE, &with_doomed).unwrap();
        let told = self.answer(FEED, lie);
        self.world.delete(&doomed).unwrap();
        told.wait(times);
        for (key, status) in [(known, 200), (&doomed.key, 200), ("nobody's", 401)] {
            let seen = self.status(key);
            assert_eq!(seen, status, "{what}: what was known holds");
        }
        self.be_honest();
        let refused = envoy.send_until(401, PATIENCE, &with_doomed);
        assert!(refused.is_ok(), "{what}: {refused:?}");
        assert_eq!(self.status(known), 200, "{what}");
    }

    /// Has the answer about a good key falsified: it is refused for now, and good again later.
    fn doubt(&self, (what, lie): (&str, Lie)) {
        let envoy = &self.scene.envoy;
        let key = self.world.key().unwrap().key;
        let told = self.answer(CHECK, lie);
        let begin = Instant::now();
        let refused = envoy.send(&with_key("/unsure", &key)).unwrap();
        assert_eq!(refused.status, 503, "{what}: not known to be wrong");
        assert!(refused.header("retry-after").is_some(), "{what}");
        assert!(begin.elapsed() < DEADLINE, "{what}: {:?}", begin.elapsed());
        told.wait(1);
        let none = envoy.send(&Request::get("/")).unwrap();
        assert_eq!(none.status, 401, "{what}");
        self.be_honest();
        let admitted = envoy.send_until(200, PATIENCE, &with_key("/sure", &key));
        assert!(admitted.is_ok(), "{what}: {admitted:?}");
    }

    fn be_honest(&self) {
        self.relay.follow(|_| Deed::HandOn);
    }
}

/// How often a lie was told.
#[derive(Default)]
struct Told(Arc<AtomicU64>);

// === impl Told ===

impl Told {
    fn wait(&self, times: u64) {
        wait::until("lie", PATIENCE, || match self.0.load(Ordering::Relaxed) {
            told if told >= times => Ok(()),
            told => Err(told.to_string()),
        })
        .unwrap();
    }
}

#[test]
fn what_is_no_page_of_the_registrys_changes_nothing_and_stops_nobody() {
    let gateway = Gateway::start("replicate").unwrap();
    let known = gateway.known();
    for (what, lie) in LIES {
        gateway.withstand((what, lie), &known, ASKED_AGAIN);
    }
    for (what, lie) in SILENCES {
        gateway.withstand((what, lie), &known, ONE_FOR_EACH);
    }
    for (what, lie) in ODDITIES {
        gateway.answer(FEED, lie).wait(1);
        let key = gateway.world.key().unwrap();
        let taken = with_key("/taken", &key.key);
        let taken = gateway.scene.envoy.send_until(200, PATIENCE, &taken);
        assert!(taken.is_ok(), "{what}: {taken:?}");
    }
    assert_healthy(&gateway.scene, &[&known]).unwrap();
}

#[test]
fn what_is_no_answer_about_a_key_ends_in_503_within_the_deadline() {
    let gateway = Gateway::start("on_demand").unwrap();
    let known = gateway.known();
    for (what, lie) in LIES.into_iter().chain(SILENCES) {
        gateway.doubt((what, lie));
        assert_eq!(gateway.status(&known), 200, "{what}: the others go on");
    }
    for (what, lie) in ODDITIES {
        gateway.answer(CHECK, lie);
        let key = gateway.world.key().unwrap().key;
        assert_eq!(gateway.status(&key), 200, "{what}");
    }
    assert_eq!(gateway.scene.upstream.requests_for("/unsure"), []);
    assert_healthy(&gateway.scene, &[&known]).unwrap();
}

#[test]
fn answers_about_two_keys_that_are_swapped_on_the_way_admit_neither() {
    let gateway = Gateway::start("on_demand").unwrap();
    let known = gateway.known();
    let approved = gateway.world.key().unwrap().key;
    let unapproved = gateway.world.key_of_another().unwrap().key;
    let (both, truths) = (Barrier::new(2), Mutex::new(Vec::new()));
    gateway.relay.follow(move |asked| {
        if !asked.is_for(CHECK) {
            return Deed::HandOn;
        }
        let Ok(truth) = asked.truth() else {
            return Deed::HandOn;
        };
        let mine = {
            let mut truths = truths.lock().unwrap();
            truths.push(truth);
            truths.len() - 1
        };
        both.wait();
        let truths = truths.lock().unwrap();
        Deed::repeat(&truths[1 - mine])
    });
    let envoy = &gateway.scene.envoy;
    thread::scope(|clients| {
        let sent = [&approved, &unapproved]
            .map(|key| clients.spawn(move || envoy.send(&with_key("/swapped", key))));
        for one in sent {
            let response = one.join().unwrap().unwrap();
            assert_eq!(response.status, 503, "an answer names its key");
        }
    });
    assert_eq!(gateway.scene.upstream.requests_for("/swapped"), []);
    gateway.be_honest();
    let request = with_key("/", &approved);
    envoy.send_until(200, PATIENCE, &request).unwrap();
    assert_eq!(gateway.status(&unapproved), 403);
    assert_healthy(&gateway.scene, &[&known, &approved, &unapproved]).unwrap();
}
