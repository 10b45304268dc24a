//! Bytes that are no text, wherever a client can put them.

use stage::client::{ClientError, Connection, Request};
use stage::envoy::EnvoyConfig;
use stage::http1::ReadError;
use stage::registry::{Database, Registry};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{searched, with_key};

#[test]
fn no_byte_anywhere_brings_the_filter_down_or_lets_a_stranger_in() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, EnvoyConfig::without_early_protection).unwrap();
    let (_world, key) = searched(&scene);
    let allowed = with_key("/control", &key);
    let mut control = Connection::open(scene.envoy.address()).unwrap();

    let mut answered = 0;
    for byte in 0x80..=0xff {
        for request in places(byte) {
            match request.send(scene.envoy.address()) {
                Ok(response) => {
                    answered += 1;
                    let is_refused = [400, 401, 404].contains(&response.status);
                    assert!(is_refused, "{byte:#x}: {}", response.status);
                }
                Err(ClientError::NoResponse(ReadError::Closed)) => {}
                Err(error) => panic!("{byte:#x}: {error}"),
            }
        }
        let status = control.exchange(&allowed).unwrap().status;
        assert_eq!(status, 200, "after {byte:#x}");
        let status = control.exchange(&Request::get("/control")).unwrap().status;
        assert_eq!(status, 401, "after {byte:#x}");
    }
    assert!(
        answered > 128 * 4,
        "most of them reach the filter: {answered}"
    );
    assert_eq!(scene.upstream.requests_for("/odd"), []);
    assert_healthy(&scene, &[&key]).unwrap();
}

/// Requests without a key and with a byte, each in another place.
fn places(byte: u8) -> [Request; 9] {
    let odd = |text: &str| [text.as_bytes(), &[byte], b"x"].concat();
    let form = "application/x-www-form-urlencoded";
    let post = |content_type: &[u8]| Request::post("/odd").header("Content-Type", content_type);
    [
        Request::get("/odd").header("apikey", vec![byte]),
        Request::get("/odd").header("x-other", vec![byte, b'a', byte]),
        Request::get("/odd").header("cookie", odd("a=")),
        Request::get(odd("/odd/")),
        Request::get(odd("/odd?apikey=")),
        Request::get(odd("/odd?")),
        post(form.as_bytes()).body(odd("apikey=")),
        post(b"application/json").body([b"{\"apikey\":\"".as_slice(), &[byte], b"\"}"].concat()),
        post(&odd("multipart/form-data; boundary=")).body(odd("--")),
    ]
}
