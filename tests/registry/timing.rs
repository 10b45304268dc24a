//! How long an answer takes says nothing about what is there.
//!
//! Two kinds of questions are asked in turns, in an order that chance decides, so that whatever else the
//! machine does happens to both.

use std::time::{Duration, Instant};

use keystile_protocol::check::Outcome;
use keystile_registry::clock::Clock;
use keystile_registry::random::Random;
use serde_json::{Value, json};
use stage::ranks::{self, SIGNIFICANT};
use tokio::task::LocalSet;

use crate::accounts::{ADA, MINUTE_MS, developer};
use crate::check::check;
use crate::desk::{Desk, advance};
use crate::portal::browser::Browser;

/// How many answers there are of each kind.
const EACH: usize = 250;

/// How many ask at the same time where an answer waits rather than computes.
const LANES: usize = 10;

/// What asks for a mail.
#[derive(Clone, Copy)]
struct Form {
    path: &'static str,
    status: u16,
    body: fn(&str) -> Value,
}

/// How long the answers of two kinds took.
#[derive(Default)]
struct Times {
    one: Vec<Duration>,
    other: Vec<Duration>,
}

impl Times {
    fn assert_alike(&self, what: &str) {
        let apart = ranks::distance(&self.one, &self.other);
        assert!(apart < SIGNIFICANT, "{what}: {apart} standard deviations");
    }
}

/// Asks one kind or the other, as often as each other, until there are enough.
async fn in_turns(count: usize, seed: u64, mut ask: impl AsyncFnMut(usize, bool)) -> Times {
    let chance = Random::seeded(seed);
    let mut times = Times::default();
    for number in 0..count {
        let is_first = chance.uuid().as_u128().is_multiple_of(2);
        for is_one in [is_first, !is_first] {
            let begin = Instant::now();
            ask(number, is_one).await;
            let taken = begin.elapsed();
            let of_kind = if is_one {
                &mut times.one
            } else {
                &mut times.other
            };
            of_kind.push(taken);
        }
    }
    times
}

#[tokio::test]
async fn a_log_in_takes_as_long_whether_there_is_an_account_or_not() {
    let desk = Desk::on_sqlite().await;
    developer(&desk, ADA).await;
    let mut browser = Browser::new(&desk);
    let times = in_turns(EACH, 1, async |_, is_known| {
        desk.advance_ms(MINUTE_MS);
        let address = if is_known { ADA } else { "nobody@example.test" };
        let reply = browser.log_in(address, "a wrong guess").await;
        assert_eq!(reply.status, 401);
    });
    times.await.assert_alike("threat 107: a log-in");
}

#[tokio::test]
async fn a_sign_up_takes_as_long_whether_there_is_an_account_or_not() {
    let desk = Desk::on_sqlite().await;
    developer(&desk, ADA).await;
    let form = Form {
        path: "/developer",
        status: 201,
        body: |address| json!({"email": address, "full_name": "Ada"}),
    };
    let times = mails(&desk, form);
    times.await.assert_alike("threat 107: a sign-up");
}

#[tokio::test]
async fn a_forgotten_password_takes_as_long_whether_there_is_an_account_or_not() {
    let desk = Desk::on_sqlite().await;
    developer(&desk, ADA).await;
    let form = Form {
        path: "/developer/forgot-password",
        status: 200,
        body: |address| json!({"email": address}),
    };
    let times = mails(&desk, form);
    times.await.assert_alike("threat 107: a forgotten password");
}

/// Asks for mails to an address that has an account and to others that have none.
async fn mails(desk: &Desk, form: Form) -> Times {
    let lanes = LocalSet::new();
    let asked = (0..LANES).map(|lane| {
        let browser = Browser::new(desk);
        let clock = desk.registry.clock.clone();
        lanes.spawn_local(mails_of(lane, (browser, clock), form))
    });
    let asked: Vec<_> = asked.collect();
    lanes.await;
    let mut all = Times::default();
    for times in asked {
        let times = times.await.unwrap();
        all.one.extend(times.one);
        all.other.extend(times.other);
    }
    all
}

async fn mails_of(lane: usize, (mut browser, clock): (Browser, Clock), form: Form) -> Times {
    let seed = u64::try_from(lane).unwrap();
    let times = in_turns(EACH / LANES, seed, async |number, is_known| {
        advance(&clock, 10 * MINUTE_MS);
        let unknown = format!("{lane}.{number}@example.test");
        let address = if is_known { ADA } else { &unknown };
        let reply = browser.post(form.path, (form.body)(address)).await;
        reply.expect(form.status);
    });
    times.await
}

/// A key nobody has, which begins as another one does.
fn beginning_like(key: &str, length: usize, number: usize) -> Vec<u8> {
    // Seeds of the registry's own are small.
    let seed = 1_000_000 + u64::try_from(number).unwrap();
    let mut bytes = Random::seeded(seed).secret("ks").into_bytes();
    bytes[..length].copy_from_slice(&key.as_bytes()[..length]);
    bytes
}

#[tokio::test]
async fn a_key_is_refused_as_quickly_however_much_of_it_is_right() {
    let desk = Desk::on_sqlite().await;
    let path = format!(
        "/admin/v1/applications/{}/credentials",
        desk.application("one").await
    );
    let made = desk.post(&path, json!({})).await;
    let key = made["credential"].as_str().unwrap();
    for length in [10, 20, 30] {
        let times = in_turns(EACH, 1, async |number, is_near| {
            let length = if is_near { length } else { 3 };
            let guess = beginning_like(key, length, number);
            assert_eq!(check(&desk, guess).await.outcome, Outcome::Unknown);
        });
        let what = format!("threat 130: {length} characters are right");
        times.await.assert_alike(&what);
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_as_quickly_as_one_that_never_was() {
    let desk = Desk::on_sqlite().await;
    let path = format!(
        "/admin/v1/applications/{}/credentials",
        desk.application("one").await
    );
    let made = desk.post(&path, json!({})).await;
    let key = made["credential"].as_str().unwrap();
    desk.delete(&format!("{path}/{}", made["id"].as_str().unwrap()))
        .await;
    let times = in_turns(EACH, 1, async |number, is_revoked| {
        let unknown = beginning_like(key, 3, number);
        let asked = if is_revoked { key.as_bytes() } else { &unknown };
        assert_eq!(check(&desk, asked).await.outcome, Outcome::Unknown);
    });
    times.await.assert_alike("threat 130: a revoked key");
}
