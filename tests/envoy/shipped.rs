//! Every file of `envoy/`, as it is shipped, in a real Envoy.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use stage::certificates::Certificates;
use stage::client::Request;
use stage::envoy::{Envoy, EnvoyConfig, Shipped};
use stage::places;
use stage::port::Port;
use stage::registry::{Database, Registry};
use stage::scene::Scene;
use stage::upstream::Upstream;
use stage::wait;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, searched, with_key};

const VIRTUAL_HOSTS: &str = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config\
                             /route_config/virtual_hosts";

/// Returns every file of `envoy/` and what it is.
fn files() -> Vec<(String, Shipped)> {
    let folder = fs::read_dir(places::repository("envoy")).unwrap();
    let files = folder.map(|file| file.unwrap().file_name().into_string().unwrap());
    let files = files.filter(|file| Path::new(file).extension() == Some("yaml".as_ref()));
    let files: Vec<_> = files
        .map(|file| (file.clone(), Shipped::of(&file).unwrap()))
        .collect();
    assert!(files.len() >= 8, "{files:?}");
    files
}

/// Returns a file of `envoy/` with all that its paths may lead to.
fn complete(file: &str, what: Shipped, upstream: &Upstream) -> EnvoyConfig {
    let whole = match what {
        Shipped::Whole => file,
        _ => "envoy.yaml",
    };
    let mut config = EnvoyConfig::from_file(whole, upstream.address()).unwrap();
    for (file, what) in files() {
        if what == Shipped::Secret {
            config = config.with_part(&file).unwrap();
        }
    }
    let certificates = Certificates::make("registry.example.com").unwrap();
    for (file, pem) in certificates.of_gateway() {
        config = config.with_file(file, pem);
    }
    match what {
        Shipped::Whole => config,
        _ => config.with_part(file).unwrap(),
    }
}

#[test]
fn envoy_takes_every_file_that_is_shipped() {
    let upstream = Upstream::start().unwrap();
    for (file, what) in files() {
        let taken = Envoy::validate(&complete(&file, what, &upstream));
        assert!(taken.is_ok(), "{file}: {taken:?}");
    }
}

#[test]
fn no_shipped_route_leaves_the_filter_out_without_saying_so() {
    let upstream = Upstream::start().unwrap();
    let mut routes = 0;
    for (file, what) in files() {
        let config = complete(&file, what, &upstream);
        let hosts = config.document().pointer(VIRTUAL_HOSTS).unwrap();
        for host in hosts.as_array().unwrap() {
            for route in host["routes"].as_array().unwrap() {
                routes += 1;
                let is_off = route["typed_per_filter_config"].get("keystile").is_some();
                let is_served = route.get("route").is_some();
                assert!(!is_off || !is_served, "{file}: {route} reaches an API");
                let is_named = [host, route].into_iter().any(|one| {
                    let service = one.pointer("/metadata/filter_metadata/keystile/service");
                    service.is_some_and(Value::is_string)
                });
                let is_refused = route["name"] == "unmapped";
                assert!(is_off || is_named || is_refused, "{file}: {route}");
            }
        }
    }
    assert!(routes >= 7, "{routes}");
}

#[test]
fn the_least_configuration_lets_keys_in_and_nobody_else() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let upstream = Upstream::start().unwrap();
    let config = EnvoyConfig::from_file("minimal.yaml", upstream.address()).unwrap();
    let config = config
        .registry(registry.listeners().gateway, registry.gateway_token())
        .unwrap();
    let scene = Scene {
        envoy: Envoy::start(&config).unwrap(),
        registry,
        upstream,
    };
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let key = world.key().unwrap().key;
    let allowed = with_key("/minimal", &key).header("X-Consumer_ID", "somebody");
    scene.envoy.send_until(200, PATIENCE, &allowed).unwrap();
    let seen = &scene.upstream.wait_for("/minimal", 1).unwrap()[0];
    let application = world.application.to_string();
    assert_eq!(seen.header("x-consumer-id").as_deref(), Some(&*application));
    assert!(!seen.holds(&key), "the key goes no further");
    assert_eq!(scene.envoy.send(&Request::get("/")).unwrap().status, 401);
    let escaped = with_key("/a%2fb", &key);
    assert_eq!(scene.envoy.send(&escaped).unwrap().status, 400);
    assert_healthy(&scene, &[&key]).unwrap();
}

#[test]
fn each_of_several_services_has_its_own_rules() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let several = |config: EnvoyConfig| config.with_part("several-services.yaml");
    let scene = Scene::set(registry, several).unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    world.publish("weather-v2", &json!({})).unwrap();
    world.join("maps-v1", &json!({})).unwrap();
    let key = world.key().unwrap().key;
    let maps = with_key("/tiles", &key).header("host", "maps.example.com");
    scene.envoy.send_until(200, PATIENCE, &maps).unwrap();
    for (request, status) in [
        (with_key("/weather/v1", &key), 200),
        (with_key("/weather/v1/today", &key), 200),
        (with_key("/weather/v2", &key), 403),
        (with_key("/weather/v1x", &key), 403),
        (with_key("/", &key), 403),
        (Request::get("/weather/v1"), 401),
        (Request::get("/alive"), 204),
        (with_key("/alive/and/more", &key), 403),
        (
            Request::get("/alive").header("host", "maps.example.com"),
            401,
        ),
    ] {
        let answer = scene.envoy.send(&request).unwrap();
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    assert_healthy(&scene, &[&key]).unwrap();
}

#[test]
fn what_envoy_refuses_by_itself_looks_like_what_the_filter_refuses() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, Ok).unwrap();
    let (_world, key) = searched(&scene);
    let allowed = with_key("/", &key);
    let long = "x".repeat(70_000);
    for (request, status, message) in [
        (Request::get("/"), 401, "No API key found in request"),
        (with_key("/a%2fb", &key), 400, "The request was refused"),
        (
            allowed.clone().header("x-long", long.as_str()),
            431,
            "The request was refused",
        ),
    ] {
        let answer = scene.envoy.send(&request).unwrap();
        let media_type = answer.header("content-type");
        assert_eq!(answer.status, status);
        assert_eq!(
            media_type.as_deref(),
            Some("application/json; charset=utf-8")
        );
        assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
        assert_eq!(answer.json(), json!({"message": message}));
    }
    assert_healthy(&scene, &[&key]).unwrap();
}

#[test]
fn who_asks_for_an_api_that_is_gone_hears_nothing_of_clusters() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let gone = Port::claim().unwrap();
    let config = EnvoyConfig::shipped(gone.address()).unwrap();
    let config = config
        .registry(registry.listeners().gateway, registry.gateway_token())
        .unwrap();
    let envoy = Envoy::start(&config).unwrap();
    let world = World::found(&registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let allowed = with_key("/", &world.key().unwrap().key);
    let message = json!({"message": "The service cannot answer at the moment"});
    let answer = wait::until("Envoy's own refusal", PATIENCE, || {
        let answer = envoy.send(&allowed).map_err(|error| error.to_string())?;
        let is_envoys = answer.status == 503 && answer.json() == message;
        is_envoys
            .then(|| answer.clone())
            .ok_or_else(|| answer.text().into_owned())
    })
    .unwrap();
    assert_eq!(answer.header("retry-after").as_deref(), Some("5"));
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
}

#[test]
fn a_preflight_is_answered_for_the_origins_that_are_named_and_needs_a_key_otherwise() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, Ok).unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let key = world.key().unwrap().key;
    scene
        .envoy
        .send_until(200, PATIENCE, &with_key("/", &key))
        .unwrap();
    let preflight = |origin: &str| {
        let request = Request::new("OPTIONS", "/preflight")
            .header("origin", origin)
            .header("access-control-request-method", "GET");
        scene.envoy.send(&request).unwrap()
    };
    let named = preflight("https://app.example.com");
    assert_eq!(named.status, 200);
    let allowed = named.header("access-control-allow-headers");
    assert!(allowed.unwrap_or_default().contains("apikey"));
    let other = preflight("https://app.example.com.evil.test");
    assert_eq!(other.status, 401);
    assert_eq!(other.header("access-control-allow-origin"), None);
    assert_eq!(scene.upstream.requests_for("/preflight"), []);
    let refused = Request::get("/").header("origin", "https://app.example.com");
    let refused = scene.envoy.send(&refused).unwrap();
    assert_eq!(refused.status, 401, "an origin is no key");
    assert!(
        refused.header("access-control-allow-origin").is_some(),
        "a page can read why"
    );
    assert_healthy(&scene, &[&key]).unwrap();
}
