//! Where a key may be, in what state, and what is left of the request when it is hidden.

use keystile_protocol::key;
use serde_json::json;
use stage::client::Request;
use stage::envoy::EnvoyConfig;
use stage::registry::{Database, Registry};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const MULTIPART: &str = "multipart/form-data; boundary=B";

/// What one location holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Absent,
    Good,
    Wrong,
    Empty,
    Twice,
}

const STATES: [State; 5] = [
    State::Absent,
    State::Good,
    State::Wrong,
    State::Empty,
    State::Twice,
];

/// A key that works, and one that looks as good.
struct Keys {
    good: String,
    wrong: String,
}

// === impl State ===

impl State {
    /// The values that are sent under the key's name.
    fn values(self, keys: &Keys) -> Vec<&str> {
        match self {
            Self::Absent => Vec::new(),
            Self::Good => vec![&keys.good],
            Self::Wrong => vec![&keys.wrong],
            Self::Empty => vec![""],
            Self::Twice => vec![&keys.good, &keys.good],
        }
    }
}

/// What a request gets: the first location that has anything decides, and nothing after it.
fn expected(in_turn: [State; 3]) -> u16 {
    let first = in_turn.into_iter().find(|state| *state != State::Absent);
    match first {
        Some(State::Good) => 200,
        _ => 401,
    }
}

fn request(target: &str, [header, query, body]: [Vec<&str>; 3], content_type: &str) -> Request {
    let pairs = |values: &[&str]| {
        let pairs = values.iter().map(|value| format!("&apikey={value}"));
        pairs.collect::<String>()
    };
    let mut request = Request::post(format!("{target}?a=1{}", pairs(&query)));
    for value in header {
        request = request.header("apikey", value);
    }
    let content = match content_type {
        FORM => format!("a=1{}", pairs(&body)),
        JSON => {
            let members = body.iter().map(|value| format!(r#","apikey":"{value}""#));
            format!(r#"{{"a":1{}}}"#, members.collect::<String>())
        }
        _ => {
            let part = |name: &str, value: &str| {
                format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            };
            let parts = body.iter().map(|value| part("apikey", value));
            format!("{}{}--B--\r\n", part("a", "1"), parts.collect::<String>())
        }
    };
    request.header("Content-Type", content_type).body(content)
}

fn scene() -> (Scene, World, Keys) {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, EnvoyConfig::logging_queries).unwrap();
    let world = World::found(&scene.registry).unwrap();
    let key_auth = json!({"key_in_body": true, "key_names": ["apikey", "x-api-key"]});
    world.join("weather-v1", &key_auth).unwrap();
    let keys = Keys {
        good: world.key().unwrap().key,
        wrong: key::compose("ks", "00000000000000000000000000000000"),
    };
    let allowed = with_key("/", &keys.good);
    scene.envoy.send_until(200, PATIENCE, &allowed).unwrap();
    (scene, world, keys)
}

#[test]
fn the_first_location_with_anything_in_it_decides_alone() {
    let (scene, _world, keys) = scene();
    let mut tried = 0;
    for (header, query, body) in combinations() {
        let in_turn = [header, query, body];
        let values = in_turn.map(|state| state.values(&keys));
        for content_type in [FORM, JSON, MULTIPART] {
            tried += 1;
            let target = format!("/case/{tried}/");
            let request = request(&target, values.clone(), content_type);
            let what = format!("{in_turn:?} as {content_type}");
            let response = scene.envoy.send(&request).unwrap();
            assert_eq!(response.status, expected(in_turn), "{what}");
            let arrived = scene.upstream.requests_for(&target);
            assert_eq!(arrived.len(), usize::from(response.status == 200), "{what}");
            for one in arrived {
                assert!(one.is_complete(), "{what}: its length is right");
                for secret in ["apikey", &keys.good, &keys.wrong] {
                    assert!(!one.holds(secret), "{what}: {secret} is left");
                }
            }
        }
    }
    assert_eq!(tried, 125 * 3);
    assert_healthy(&scene, &[&keys.good, &keys.wrong]).unwrap();
}

fn combinations() -> impl Iterator<Item = (State, State, State)> {
    STATES.into_iter().flat_map(|header| {
        STATES.into_iter().flat_map(move |query| {
            let body = STATES.into_iter();
            body.map(move |body| (header, query, body))
        })
    })
}

/// A request with a key in it, and what must be left of it.
struct Hidden<'a> {
    target: &'a str,
    content_type: &'a str,
    body: &'a str,
    left_target: &'a str,
    left_body: &'a str,
}

const HIDDEN: [Hidden<'_>; 9] = [
    Hidden {
        target: "/bytes?c=valu%651&b=2&apikey={KEY}&a=%zz",
        content_type: "text/plain",
        body: "apikey={KEY} is only said here",
        left_target: "/bytes?c=valu%651&b=2&a=%zz",
        left_body: "apikey={KEY} is only said here",
    },
    Hidden {
        target: "/encoded?%61pikey={PERCENT}&&=&x=%20+",
        content_type: "text/plain",
        body: "",
        left_target: "/encoded?&=&x=%20+",
        left_body: "",
    },
    Hidden {
        target: "/both?x-api-key={KEY}&b&apikey={KEY}",
        content_type: FORM,
        body: "b=%zz&x-api-key={KEY}&a=1&apikey={KEY}&=",
        left_target: "/both?b",
        left_body: "b=%zz&a=1&=",
    },
    Hidden {
        target: "/form",
        content_type: FORM,
        body: "apikey={KEY}",
        left_target: "/form",
        left_body: "",
    },
    Hidden {
        target: "/form-encoded",
        content_type: FORM,
        body: "a=%2B+&%61%70ikey={PERCENT}&a=2",
        left_target: "/form-encoded",
        left_body: "a=%2B+&a=2",
    },
    Hidden {
        target: "/json",
        content_type: JSON,
        body: r#"{ "b" : 1.0e1 , "apikey": "{KEY}", "a":"\u00e9/\/" }"#,
        left_target: "/json",
        left_body: r#"{ "b" : 1.0e1, "a":"\u00e9/\/" }"#,
    },
    Hidden {
        target: "/json-escaped",
        content_type: JSON,
        body: r#"{"\u0061pikey":"{ESCAPED}"}"#,
        left_target: "/json-escaped",
        left_body: "{}",
    },
    Hidden {
        target: "/parts",
        content_type: MULTIPART,
        body: "--B\r\nContent-Disposition: form-data; name=\"apikey\"\r\n\r\n{KEY}\r\n\
               --B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n 1\r\n--B--\r\n",
        left_target: "/parts",
        left_body: "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n 1\r\n--B--\r\n",
    },
    Hidden {
        target: "/only-part",
        content_type: MULTIPART,
        body: "--B\r\nContent-Disposition: form-data; name=\"apikey\"\r\n\r\n{KEY}\r\n--B--\r\n",
        left_target: "/only-part",
        left_body: "--B--\r\n",
    },
];

#[test]
fn what_hides_a_key_leaves_every_other_byte_and_a_right_length() {
    let (scene, _world, keys) = scene();
    let written = |write: fn(u8) -> String| keys.good.bytes().map(write).collect::<Vec<_>>();
    let percent = written(|byte| format!("%{byte:02x}")).concat();
    let escaped = written(|byte| format!("\\u{byte:04x}")).concat();
    let fill = |text: &str| {
        text.replace("{KEY}", &keys.good)
            .replace("{PERCENT}", &percent)
            .replace("{ESCAPED}", &escaped)
    };
    for case in HIDDEN {
        let body = fill(case.body).into_bytes();
        let request = Request::post(fill(case.target)).header("Content-Type", case.content_type);
        let chunks = body.chunks(7).map(<[u8]>::to_vec).collect();
        for request in [request.clone().body(body.clone()), request.chunks(chunks)] {
            scene.upstream.forget();
            let response = scene.envoy.send(&request).unwrap();
            assert_eq!(response.status, 200, "{}", case.target);
            let [arrived] = scene.upstream.requests().try_into().unwrap();
            assert!(
                arrived.is_complete(),
                "{}: its length is right",
                case.target
            );
            let target = String::from_utf8_lossy(arrived.target()).into_owned();
            assert_eq!(target, case.left_target);
            let left = String::from_utf8_lossy(arrived.body_bytes()).into_owned();
            assert_eq!(left, fill(case.left_body), "{}", case.target);
        }
    }
    assert_healthy(&scene, &[&keys.good]).unwrap();
}

#[test]
fn of_two_key_names_the_first_decides_and_both_are_hidden() {
    let (scene, _world, keys) = scene();
    for (first, second, status) in [
        (&keys.good, &keys.wrong, 200),
        (&keys.wrong, &keys.good, 401),
    ] {
        let request = Request::get("/names")
            .header("x-api-key", second.as_str())
            .header("apikey", first.as_str());
        let response = scene.envoy.send(&request).unwrap();
        assert_eq!(response.status, status, "the order is the configured one");
    }
    let [arrived] = scene.upstream.requests_for("/names").try_into().unwrap();
    for secret in [&keys.good, &keys.wrong] {
        assert!(
            !arrived.holds(secret),
            "the second one's value is hidden too"
        );
    }
    assert_healthy(&scene, &[&keys.good, &keys.wrong]).unwrap();
}
