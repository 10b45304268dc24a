//! What is sent: requests as an API's client makes them, ready-made.

use crate::keys::{self, UNREGISTERED};
use crate::wire::Traffic;

/// How many different requests a side gets; of many keys these are spread over all.
const VARIETY: u64 = 20_000;

/// What every request has besides its key: what a client of an API sends.
const HEADERS: &str = "Host: api.example.com\r\nUser-Agent: bench/1.0\r\nAccept: application/json\r\n\
    Accept-Encoding: gzip, br\r\nAccept-Language: en-GB\r\n\
    Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";

/// Where the key is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// In the header `apikey`.
    Header,
    /// In the query.
    Query,
    /// In a form.
    Body,
}

/// Requests with keys that are registered, spread over all there are.
pub(super) fn hits(place: Place, keys: u64) -> Traffic {
    let registered = keys.saturating_sub(UNREGISTERED).max(1);
    let step = (registered / VARIETY).max(1);
    let numbers = (0..registered.min(VARIETY)).map(|index| UNREGISTERED + index * step);
    Traffic {
        requests: numbers
            .map(|number| request(place, &keys::key(number)))
            .collect(),
        status: 200,
    }
}

/// Requests with keys that nobody has.
pub(super) fn misses() -> Traffic {
    let keys = (0..VARIETY).map(|index| keys::key(u64::MAX / 2 + index));
    Traffic {
        requests: keys.map(|key| request(Place::Header, &key)).collect(),
        status: 401,
    }
}

/// Requests with keys whose application is not registered.
pub(super) fn unregistered() -> Traffic {
    let keys = (0..UNREGISTERED).map(keys::key);
    Traffic {
        requests: keys.map(|key| request(Place::Header, &key)).collect(),
        status: 403,
    }
}

/// Requests without a key.
pub(super) fn without_key() -> Traffic {
    Traffic {
        requests: vec![format!("GET /v1/items HTTP/1.1\r\n{HEADERS}\r\n").into_bytes()],
        status: 401,
    }
}

/// The one key that the smallest filter compares with.
pub(super) fn one_key() -> Traffic {
    const KEY: &str = "ks_0123456789ABCDEFGHIJKLMNOPQRSTUV08Wbiv";
    Traffic {
        requests: vec![request(Place::Header, KEY)],
        status: 200,
    }
}

fn request(place: Place, key: &str) -> Vec<u8> {
    match place {
        Place::Header => format!("GET /v1/items HTTP/1.1\r\n{HEADERS}apikey: {key}\r\n\r\n"),
        Place::Query => format!("GET /v1/items?apikey={key} HTTP/1.1\r\n{HEADERS}\r\n"),
        Place::Body => {
            let body = format!("city=Utrecht&apikey={key}&unit=celsius");
            let length = body.len();
            format!(
                "POST /body/items HTTP/1.1\r\n{HEADERS}Content-Length: {length}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}"
            )
        }
    }
    .into_bytes()
}
