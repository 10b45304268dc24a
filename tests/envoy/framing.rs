//! Requests as old clients frame them, and as few do: HTTP/1.0, and a body that ends with trailers.

use serde_json::{Value, json};
use stage::client::{Connection, Response};
use stage::envoy::EnvoyConfig;
use stage::error::StageError;
use stage::registry::{Database, Registry};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{World, searched};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// HTTP/1.0 is refused by default, and trailers are dropped; also towards the upstream.
fn lenient(config: EnvoyConfig) -> Result<EnvoyConfig, StageError> {
    let options = json!({
        "accept_http_10": true,
        "default_host_for_http_10": "gateway.test",
        "enable_trailers": true,
    });
    let config = config.manager("http_protocol_options", options)?;
    Ok(config.edit(|root| {
        let clusters = root["static_resources"]["clusters"].as_array_mut();
        let named = |cluster: &&mut Value| cluster["name"] == "upstream";
        if let Some(upstream) = clusters.into_iter().flatten().find(named) {
            upstream["http_protocol_options"] = json!({"enable_trailers": true});
        }
    }))
}

fn scene() -> (Scene, World, String) {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, lenient).unwrap();
    let (world, key) = searched(&scene);
    scene.upstream.forget();
    (scene, world, key)
}

fn send(scene: &Scene, method: &str, request: &str) -> Response {
    let mut connection = Connection::open(scene.envoy.address()).unwrap();
    connection.write(request.as_bytes()).unwrap();
    connection.response(method).unwrap()
}

#[test]
fn a_client_of_1996_is_judged_as_any() {
    let (scene, _world, key) = scene();
    let form = |body: String| {
        let length = body.len();
        format!("POST / HTTP/1.0\r\n{FORM}Content-Length: {length}\r\n\r\n{body}")
    };
    let good = [
        format!("GET / HTTP/1.0\r\napikey: {key}\r\n\r\n"),
        format!("GET /?apikey={key} HTTP/1.0\r\n\r\n"),
        form(format!("a=1&apikey={key}")),
    ];
    for request in good {
        assert_eq!(send(&scene, "GET", &request).status, 200, "{request:?}");
        let arrived = scene.upstream.requests().pop().unwrap();
        assert!(arrived.is_complete() && !arrived.holds(&key), "{request:?}");
        let body = arrived.body_bytes();
        assert!(body.is_empty() || body == b"a=1", "{request:?}");
    }
    scene.upstream.forget();
    let bad = [
        ("GET", "GET / HTTP/1.0\r\n\r\n".to_owned()),
        ("GET", "GET /?apikey=nobodys HTTP/1.0\r\n\r\n".to_owned()),
        ("POST", form("apikey=nobodys".to_owned())),
        ("HEAD", "HEAD / HTTP/1.0\r\n\r\n".to_owned()),
    ];
    for (method, request) in bad {
        let response = send(&scene, method, &request);
        assert_eq!(response.status, 401, "{request:?}");
        let challenge = response.head.text("www-authenticate");
        assert_eq!(challenge.as_deref(), Some("Key"), "{request:?}");
    }
    assert_eq!(scene.upstream.requests(), []);
    assert_healthy(&scene, &[&key]).unwrap();
}

#[test]
fn a_body_that_ends_with_trailers_is_whole() {
    let (scene, _world, key) = scene();
    let request = |head: &str, body: &str| {
        format!(
            "POST / HTTP/1.1\r\nHost: gateway.test\r\n{head}{FORM}Transfer-Encoding: chunked\r\n\r\n\
             {:x}\r\n{body}\r\n0\r\nX-Checksum: 1\r\nX-Consumer-Id: evil\r\nx_consumer_id: evil\r\n\
             \r\n",
            body.len()
        )
    };
    let in_body = request("", &format!("a=1&apikey={key}"));
    let in_head = request(&format!("apikey: {key}\r\n"), "a=1");
    for good in [in_body, in_head] {
        assert_eq!(send(&scene, "POST", &good).status, 200, "{good:?}");
        let arrived = scene.upstream.requests().pop().unwrap();
        assert_eq!(arrived.body_bytes(), b"a=1");
        assert!(!arrived.holds(&key), "the key is hidden");
        assert!(!arrived.holds("evil"), "nobody says who they are");
        // A body that was read and changed has a length, and HTTP/1.1 no trailers then.
        let is_streamed = arrived.header("content-length").is_none();
        assert_eq!(arrived.holds("hecksum"), is_streamed, "{arrived:?}");
    }
    scene.upstream.forget();
    let bad = request("", "a=1&apikey=nobodys");
    assert_eq!(send(&scene, "POST", &bad).status, 401);
    assert_eq!(scene.upstream.requests(), []);
    assert_healthy(&scene, &[&key]).unwrap();
}
