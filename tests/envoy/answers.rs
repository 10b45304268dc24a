//! Answers of the registry that are broken, half, far too large or not its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use stage::client::{Request, Response};
use stage::error::StageError;
use stage::registry::{Database, Registry};
use stage::relay::{Asked, Deed, Relay};
use stage::scene::Scene;
use stage::wait;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

const FEED: &str = "/gateway/v1/state";
const CHECK: &str = "/gateway/v1/check";

const MIB: usize = 1024 * 1024;

/// Twice the filter's own deadline for a question, and what a busy machine adds.
const DEADLINE: Duration = Duration::from_secs(3);

/// Something that is said instead of the truth.
type Lie = fn(&Response) -> Deed;

/// Things that are no answer of the registry, though some bear its mark.
const LIES: [(&str, Lie); 12] = [
    ("a mark that is no text", |_| {
        Deed::Say(
            b"HTTP/1.1 200 OK\r\nx-keystile-registry: \xff\xfe\r\ncontent-length: 2\r\n\r\n[]"
                .into(),
        )
    }),
    ("no headers", |_| {
        Deed::Cut(b"HTTP/1.1 200 OK\r\n\r\n".into())
    }),
    ("half a body and the end", |_| {
        Deed::Cut(marked("200 OK", 1000, &[0; 500]))
    }),
    ("nothing at all", |_| Deed::Cut(Vec::new())),
    ("no HTTP", |_| {
        Deed::Say(b"220 mail.test ready\r\n\r\n".into())
    }),
    ("a body above what Envoy takes", |_| {
        Deed::Say(marked("200 OK", 40 * MIB, &vec![0; 40 * MIB]))
    }),
    ("a page of 33 MB", |_| {
        Deed::Say(marked("200 OK", 33_000_000, &vec![0; 33_000_000]))
    }),
    ("no content", |_| {
        Deed::Say(marked("204 No Content", 0, b""))
    }),
    ("nothing in it", |_| Deed::Say(marked("200 OK", 0, b""))),
    ("a page for people", |_| {
        Deed::Say(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\n<h1>x</h1"
                .into(),
        )
    }),
    ("a failure", |_| {
        Deed::Say(marked("500 Internal Server Error", 2, b"[]"))
    }),
    ("the truth without its mark", |truth| {
        let mut answer = truth.clone();
        let head =
            String::from_utf8_lossy(&truth.head.raw).replace("x-keystile-registry", "x-other");
        answer.head.raw = head.into_bytes();
        Deed::repeat(&answer)
    }),
];

/// Answers that never end.
const SILENCES: [(&str, Lie); 3] = [
    ("a head and a body that never comes", |_| {
        Deed::Stall(marked("200 OK", 1000, b""))
    }),
    ("half a body and then silence", |_| {
        Deed::Stall(marked("200 OK", 1000, &[0; 500]))
    }),
    ("silence", |_| Deed::Stall(Vec::new())),
];

/// Odd ways to say the truth.
const ODDITIES: [(&str, Lie); 3] = [
    ("a hint first", |truth| {
        before(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", truth)
    }),
    ("with trailers", with_trailers),
    ("with a header that is no text", |truth| {
        let mut answer = truth.clone();
        let end = answer.head.raw.len() - 2;
        answer.head.raw.splice(end..end, *b"x-odd: \xff\xfe\r\n");
        Deed::repeat(&answer)
    }),
];

fn marked(status: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\nx-keystile-registry: 1\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn before(bytes: &[u8], truth: &Response) -> Deed {
    match Deed::repeat(truth) {
        Deed::Say(said) => Deed::Say([bytes, &said].concat()),
        other => other,
    }
}

fn with_trailers(truth: &Response) -> Deed {
    let mut bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n".to_vec();
    let kept = truth
        .head
        .lines
        .iter()
        .filter(|line| !line.is_named("content-length"));
    for line in kept {
        bytes.extend([line.name.as_slice(), b": ", &line.value, b"\r\n"].concat());
    }
    bytes.extend(format!("\r\n{:x}\r\n", truth.body.len()).bytes());
    bytes.extend(
        [
            truth.body.as_slice(),
            b"\r\n0\r\nx-odd: \xff\r\nx-sum: 1\r\n\r\n",
        ]
        .concat(),
    );
    Deed::Say(bytes)
}

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
    for (what, lie) in LIES.iter().chain(&SILENCES) {
        let doomed = gateway.world.key().unwrap();
        let with_doomed = with_key("/doomed", &doomed.key);
        let envoy = &gateway.scene.envoy;
        envoy.send_until(200, PATIENCE, &with_doomed).unwrap();
        let told = gateway.answer(FEED, *lie);
        gateway.world.delete(&doomed).unwrap();
        // Two machines, the main thread's and the worker's, and each asks again after a lie.
        let is_silence = SILENCES.iter().any(|(silence, _)| silence == what);
        told.wait(if is_silence { 2 } else { 3 });
        for (key, status) in [(&known, 200), (&doomed.key, 200), (&"no".to_owned(), 401)] {
            assert_eq!(gateway.status(key), status, "{what}: what was known holds");
        }
        gateway.be_honest();
        envoy.send_until(401, PATIENCE, &with_doomed).unwrap();

        assert_eq!(gateway.status(&known), 200, "{what}");
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
    let envoy = &gateway.scene.envoy;
    for (what, lie) in LIES.iter().chain(&SILENCES) {
        let key = gateway.world.key().unwrap().key;
        let told = gateway.answer(CHECK, *lie);
        let asked = Instant::now();
        let refused = envoy.send(&with_key("/unsure", &key)).unwrap();
        assert_eq!(refused.status, 503, "{what}: not known to be wrong");
        assert!(refused.header("retry-after").is_some(), "{what}");
        let took = asked.elapsed();
        assert!(took < DEADLINE, "{what}: {took:?}");
        told.wait(1);
        assert_eq!(gateway.status(&known), 200, "{what}: the others go on");
        assert_eq!(
            envoy.send(&Request::get("/")).unwrap().status,
            401,
            "{what}"
        );
        gateway.be_honest();
        let admitted = envoy.send_until(200, PATIENCE, &with_key("/sure", &key));
        assert!(admitted.is_ok(), "{what}: {admitted:?}");
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
