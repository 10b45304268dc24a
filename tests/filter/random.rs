//! Requests of random bytes: nothing traps, and nobody passes who has no key.

use cases::uplink::SERVICE_PROPERTY;
use proxy_wasm_harness::{Exchange, Outcome};

use crate::world::{ADA, ORDERS, World, request};

const REQUESTS: usize = 4_000;

/// A key's name and kin, what a body may be, what the filter owns, and what it looks at.
const NAMES: [&str; 16] = [
    "apikey",
    "x-api-key",
    "content-type",
    "content-length",
    "transfer-encoding",
    "accept",
    "authorization",
    "x-consumer-id",
    "x_consumer_id",
    "x-consumer-groups",
    "upgrade",
    "te",
    "expect",
    "host",
    "cookie",
    "x-any",
];

/// What random bytes rarely come to.
const WORDS: [&str; 20] = [
    "apikey",
    "=",
    "&",
    "?",
    "%",
    ";",
    "\"",
    "{",
    "}",
    ":",
    ",",
    "\\u00",
    "\r\n",
    "--B",
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=B",
    "application/grpc",
    "Content-Disposition: form-data; name=",
    "q=0.5",
];

const METHODS: [&str; 8] = [
    "GET", "POST", "OPTIONS", "HEAD", "CONNECT", "PUT", "\u{fc}", "",
];

/// Marsaglia's xorshift: the same requests on every machine.
struct Generator(u64);

// === impl Generator ===

impl Generator {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// Returns bytes of any value between words that mean something.
    fn bytes(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..self.below(12) {
            match self.below(3) {
                0 => bytes.extend(self.pick(&WORDS).bytes()),
                1 => bytes.extend(b"kong"),
                _ => bytes.push(u8::try_from(self.below(256)).unwrap()),
            }
        }
        bytes
    }

    fn exchange(&mut self) -> Exchange {
        let path = [b"/".to_vec(), self.bytes()].concat();
        let mut exchange = Exchange::new(self.pick(&METHODS), path);
        for _ in 0..self.below(8) {
            let value = match self.below(2) {
                0 => self.pick(&WORDS).into(),
                _ => self.bytes(),
            };
            exchange = exchange.header(self.pick(&NAMES), value);
        }
        exchange = match self.below(4) {
            0 => exchange,
            1 => exchange.body(self.bytes()),
            2 => exchange.chunks([self.bytes(), self.bytes()]),
            _ => exchange
                .chunks([self.bytes()])
                .trailer(self.pick(&NAMES), self.bytes()),
        };
        exchange = match self.below(8) {
            0 => exchange.property(SERVICE_PROPERTY, self.bytes()),
            1 => exchange,
            _ => exchange.property(SERVICE_PROPERTY, ORDERS),
        };
        if self.below(2) == 0 {
            exchange = exchange.http2();
        }
        exchange
    }
}

fn try_many(world: &mut World, seed: u64) -> Vec<Outcome> {
    let mut generator = Generator(seed);
    let mut outcomes = Vec::new();
    for number in 0..REQUESTS {
        let outcome = generator.exchange().send(&mut world.vm);
        world.assert_alive();
        assert!(outcome.upstream.is_none(), "{number} passed: {outcome:?}");
        outcomes.push(outcome);
    }
    assert_eq!(world.status(ORDERS, ADA), Some(200), "it works as before");
    assert_eq!(world.status(ORDERS, "nobodys"), Some(401));
    assert_eq!(world.vm.reloads(), 0);
    outcomes
}

#[test]
fn no_request_of_random_bytes_traps_or_passes() {
    let mut world = World::reading_bodies(r#"{"body":{"enabled":true}}"#);
    let outcomes = try_many(&mut world, 0x9e37_79b9_7f4a_7c15);
    for status in [401, 403] {
        let seen = |outcome: &&Outcome| outcome.status() == Some(status);
        let count = outcomes.iter().filter(seen).count();
        assert!(count > REQUESTS / 20, "{count} were answered {status}");
    }
}

#[test]
fn nor_does_any_while_the_registry_is_asked_about_keys() {
    let configuration = r#"{"mode":"on_demand","body":{"enabled":true}}"#;
    let mut world = World::reading_bodies(configuration);
    try_many(&mut world, 0x2545_f491_4f6c_dd1d);
}

#[test]
fn nor_does_random_company_open_a_request_with_a_key() {
    let mut world = World::reading_bodies(r#"{"body":{"enabled":true}}"#);
    let mut generator = Generator(0x1234_5678_9abc_def1);
    for number in 0..REQUESTS {
        let company = [generator.bytes(), generator.bytes()];
        let outcome = request(ORDERS, ADA)
            .header("x-any", &company[0])
            .header("x_consumer-id", &company[1])
            .send(&mut world.vm);
        let upstream = outcome.upstream.expect("it passes");
        assert_eq!(
            upstream.header("x-any"),
            Some(company[0].as_slice()),
            "{number}"
        );
        assert!(!upstream.headers.contains("x_consumer-id"), "{number}");
        assert!(!upstream.headers.contains("apikey"), "{number}");
    }
    world.assert_alive();
}
