//! What Envoy makes of a filter that cannot be, and of another configuration while it runs.

use std::fs;

use serde_json::json;
use stage::client::Request;
use stage::envoy::{Change, Envoy, EnvoyConfig, Route};
use stage::error::StageError;
use stage::load::{self, Sent};
use stage::registry::{Database, Registry};
use stage::scene::Scene;
use stage::upstream::Upstream;
use stage::{places, planted};

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

/// The binary format's mark and version, and nothing more: a module that is no filter.
const EMPTY_MODULE: &[u8] = b"\0asm\x01\0\0\0";

const CLIENTS: usize = 4;

/// Kinds of configuration that Envoy loads and a filter must not.
const REFUSED: [&str; 4] = [
    r#"{"unmaped": "allow"}"#,
    r#"{"max_stale_s": 0}"#,
    r#"{"max_stale_s": "#,
    "max_stale_s: 60",
];

#[test]
fn envoy_does_not_start_with_a_filter_that_cannot_be() {
    let upstream = Upstream::start().unwrap();
    let shipped = EnvoyConfig::shipped(upstream.address()).unwrap();
    let module = fs::read(places::filter().unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("filter.wasm");
    let missing = folder.path().join("missing.wasm");
    assert_refused(&shipped.clone().with_filter(&missing), "a missing module");
    for (bytes, what) in [
        (&module[..module.len() / 2], "a truncated module"),
        (EMPTY_MODULE, "a module of another ABI"),
        (b"", "no module at all"),
    ] {
        fs::write(&file, bytes).unwrap();
        assert_refused(&shipped.clone().with_filter(&file), what);
    }
    for text in REFUSED {
        let config = shipped.clone().plugin_text(text).unwrap();
        assert_refused(&config, text);
    }
}

fn assert_refused(config: &EnvoyConfig, what: &str) {
    match Envoy::start(config) {
        Err(StageError::Ended { .. }) => {}
        other => panic!("Envoy starts with {what}: {other:?}"),
    }
}

/// A running gateway whose listeners can be changed, and what is asked of it: the same key at a
/// service it may call and at one it may not, and no key.
struct Gateway {
    scene: Scene,
    config: EnvoyConfig,
    key: String,
}

// === impl Gateway ===

impl Gateway {
    fn start() -> Self {
        let registry = Registry::start(&Database::Sqlite).unwrap();
        let mut kept = None;
        let scene = Scene::set(registry, |config| {
            let config = config.with_changing_listeners().routes(&[
                Route::new("theirs", "/theirs").service("theirs-v1"),
                Route::new("ours", "/").service("ours-v1"),
            ])?;
            Ok(kept.insert(config).clone())
        })
        .unwrap();
        let world = World::found(&scene.registry).unwrap();
        world.join("ours-v1", &json!({})).unwrap();
        world.publish("theirs-v1", &json!({})).unwrap();
        let key = world.key().unwrap().key;
        let gateway = Self {
            scene,
            config: kept.unwrap(),
            key,
        };
        let [(ours, status), ..] = &gateway.requests();
        let envoy = &gateway.scene.envoy;
        envoy.send_until(*status, PATIENCE, ours).unwrap();
        gateway
    }

    fn requests(&self) -> [(Request, u16); 4] {
        [
            (with_key("/ours", &self.key), 200),
            (with_key("/theirs", &self.key), 403),
            (Request::get("/ours?no-key"), 401),
            (with_key("/ours?wrong", "nobodys"), 401),
        ]
    }

    /// Sends all the time while something is done; returns what was not answered as it must be, and
    /// how many requests there were.
    fn wrong_during(&self, meanwhile: impl FnOnce()) -> (Vec<Sent>, usize) {
        let requests = self.requests();
        let address = self.scene.envoy.address();
        let asked = requests.each_ref().map(|(request, _)| request.clone());
        let ((), sent) = load::during((address, CLIENTS), &asked, meanwhile);
        let count = sent.len();
        let is_wrong = |one: &Sent| {
            let expected = requests.get(one.which).map(|(_, status)| *status);
            one.status.as_ref().ok().copied() != expected
        };
        (sent.into_iter().filter(is_wrong).collect(), count)
    }
}

#[test]
fn another_configuration_under_load_costs_no_request_and_no_wrong_answer() {
    let gateway = Gateway::start();
    let envoy = &gateway.scene.envoy;
    let (wrong, count) = gateway.wrong_during(|| {
        for turn in 1..=5 {
            let config = gateway.config.clone();
            let config = config.plugin("max_stale_s", json!(600 + turn)).unwrap();
            assert_eq!(envoy.change(&config).unwrap(), Change::Taken);
            for text in REFUSED {
                let config = gateway.config.clone().plugin_text(text).unwrap();
                let change = envoy.change(&config).unwrap();
                assert_eq!(change, Change::Refused, "{text}");
            }
        }
    });
    let dump = Request::get("/config_dump").send(envoy.admin()).unwrap();
    assert!(dump.text().contains("605"), "the last one taken is there");
    assert!(wrong.is_empty(), "{} of {count}: {wrong:?}", wrong.len());
    assert_eq!(gateway.scene.upstream.requests_for("/theirs"), []);
    assert_healthy(&gateway.scene, &[&gateway.key]).unwrap();
}

#[test]
fn another_module_under_load_closes_for_a_moment_and_lets_nobody_in() {
    let gateway = Gateway::start();
    let envoy = &gateway.scene.envoy;
    let file = envoy.folder().join("another.wasm");
    planted::write(&file).unwrap();
    let (wrong, count) = gateway.wrong_during(|| {
        let config = gateway.config.clone().with_filter(&file);
        assert_eq!(envoy.change(&config).unwrap(), Change::Taken);
        stage::wait::until("machines of the other module", PATIENCE, || {
            let stats = envoy.stats().map_err(|error| error.to_string())?;
            // The main thread has one too.
            match stats.matching("wasm.", ".active")[..] {
                [(_, count)] if count >= 4 => Ok(()),
                ref other => Err(format!("{other:?}")),
            }
        })
        .unwrap();
        let allowed = with_key("/ours", &gateway.key);
        envoy.send_until(200, PATIENCE, &allowed).unwrap();
    });
    println!("{} of {count} came too early", wrong.len());
    let is_open = |one: &&Sent| one.status != Ok(503);
    assert_eq!(wrong.iter().find(is_open).map(|one| &one.status), None);
    assert_eq!(gateway.scene.upstream.requests_for("/theirs"), []);
    assert_healthy(&gateway.scene, &[&gateway.key]).unwrap();
}
