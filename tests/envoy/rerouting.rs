//! Envoy picks a route again after the filter has changed a header. A client that is approved for
//! service A must not reach a route of service B through that.

use serde_json::json;
use stage::client::Request;
use stage::envoy::Route;
use stage::registry::{Database, Registry};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

const OF_A: &str = "open-v1";
const OF_B: &str = "secret-v1";

/// Routes of service B are named `b-...`.
///
/// Under `/header` a route matches on a header that only the filter may set, which documentation
/// forbids: it is what an operator's slip looks like.
fn routes() -> [Route; 6] {
    [
        Route::new("a-header", "/header")
            .when_header("x-credential-username")
            .service(OF_A),
        Route::new("b-header", "/header").service(OF_B),
        Route::new("b-query", "/query")
            .when_query("beta")
            .service(OF_B),
        Route::new("a-query", "/query").service(OF_A),
        Route::new("a-path", "/a").service(OF_A),
        Route::new("b-path", "/b").service(OF_B),
    ]
}

/// Header lines that some software takes for the target or for who is calling.
const HEADERS: [(&str, &str); 16] = [
    ("X-Credential-Username", "1"),
    ("x-credential-username", ""),
    ("X_Credential_Username", "1"),
    ("X.Credential.Username", "1"),
    ("X-Consumer-ID", "1"),
    ("X-Consumer-Groups", OF_B),
    ("X-Authenticated-Groups", OF_B),
    ("X-Anonymous-Consumer", "true"),
    ("X-Envoy-Original-Path", "/b"),
    ("X-Original-URL", "/b"),
    ("X-Rewrite-URL", "/b"),
    ("X-Forwarded-Prefix", "/b"),
    ("X-HTTP-Method-Override", "POST"),
    ("keystile.service", OF_A),
    ("x-route", "a-path"),
    ("Connection", "apikey, x-consumer-id"),
];

/// Targets that some software reads as another path, or in which something else is left when the
/// key is taken out.
const TARGETS: [&str; 22] = [
    "/a",
    "/header",
    "/query",
    "/a/../b",
    "/a/%2e%2e/b",
    "/a%2f..%2fb",
    "/a%5c..%5cb",
    "/a/..;/b",
    "//b",
    "/a//../b",
    "/./b",
    "/%62",
    "/B",
    "/a?apikey={KEY}/../b",
    "/a?apikey={KEY}#/b",
    "/a?apikey={KEY}&/b",
    "/b?apikey={KEY}",
    "/query?apikey={KEY}&beta",
    "/query?apikey={KEY}beta",
    "/query?apikey={KEY}&bet%61=1",
    "/query?b&apikey={KEY}&eta",
    "/query?apikey={KEY}&apikey=&beta=1",
];

#[test]
fn a_decision_for_one_service_never_opens_a_route_of_another() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, |config| config.routes(&routes())).unwrap();
    let world = World::found(&scene.registry).unwrap();
    world.join(OF_A, &json!({})).unwrap();
    world.publish(OF_B, &json!({})).unwrap();
    let key = world.key().unwrap().key;

    let allowed = with_key("/a", &key);
    scene.envoy.send_until(200, PATIENCE, &allowed).unwrap();
    let [first, ..] = &scene.upstream.requests()[..] else {
        panic!("the upstream is reached");
    };
    assert_eq!(first.header("x-route").as_deref(), Some("a-path"));
    let other = scene.envoy.send(&with_key("/b", &key)).unwrap();
    assert_eq!(other.status, 403, "the key is not approved for service B");

    for target in TARGETS {
        let target = target.replace("{KEY}", &key);
        let with_header = with_key(&target, &key);
        for request in [Request::get(target.as_str()), with_header.clone()] {
            assert_not_rerouted(&scene, &request, &target);
        }
        for (name, value) in HEADERS {
            let request = with_header.clone().header(name, value);
            assert_not_rerouted(&scene, &request, &format!("{target} with {name}"));
        }
    }
    assert_healthy(&scene, &[&key]).unwrap();
}

fn assert_not_rerouted(scene: &Scene, request: &Request, what: &str) {
    scene.upstream.forget();
    let response = scene.envoy.send(request).unwrap();
    assert!(response.status < 500, "{what}: {}", response.status);
    for seen in scene.upstream.requests() {
        let route = seen.header("x-route").unwrap_or_default().into_owned();
        assert!(route.starts_with("a-"), "{what} reached {route}");
    }
}
