//! Keys: how they are made, how they look, and that no place holds one.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use keystile_protocol::key::{self, ApiKey, BASE62};
use keystile_registry::random::Random;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::desk::Desk;
use crate::portal::browser::{Browser, PASSWORD};

/// What is logged, down to the last detail.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn contains(place: &[u8], secret: &str) -> bool {
    place
        .windows(secret.len())
        .any(|window| window == secret.as_bytes())
}

#[tokio::test]
async fn no_place_holds_a_secret_after_it_was_shown() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(log.clone())
        .finish();
    let logging = subscriber.set_default();
    let desk = Desk::on_sqlite().await;
    let (secrets, import) = secrets_of_a_busy_day(&desk).await;
    drop(logging);
    let log = log.0.lock().unwrap().clone();
    let mut places = desk.files();
    assert!(places.len() >= 2, "the database and what it writes ahead");
    for list in ["/admin/v1/audit", "/admin/v1/outbox", &import] {
        let listed = desk.admin("GET", list, Value::Null).await;
        places.push((list.to_owned(), listed.bytes));
    }
    let digests = secrets
        .iter()
        .map(|secret| ApiKey::new(secret.as_str()).digest());
    for digest in digests {
        assert!(
            !contains(&log, &digest.to_string()),
            "the log holds a digest"
        );
    }
    places.push(("the log".into(), log));
    for secret in &secrets {
        for (place, bytes) in &places {
            assert!(!contains(bytes, secret), "{place} holds a secret");
        }
    }
}

/// Makes, replaces, withdraws and takes in keys; returns every secret of it, and where a list of the
/// keys is.
async fn secrets_of_a_busy_day(desk: &Desk) -> (Vec<String>, String) {
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(desk, "ada@example.test").await;
    let application = ada.application(&published).await;
    ada.register(&application, &published).await;
    let (key, path) = ada.issue(&application).await;
    let rotated = rotated(&mut ada, &path).await;
    let withdrawn = withdrawn(&mut ada, &application).await;
    let (imported, import) = imported(desk, &application).await;
    ada.log_in("ada@example.test", "a wrong guess")
        .await
        .expect(401);
    let mut secrets: Vec<String> = ada.cookies.values().map(|one| one.value.clone()).collect();
    secrets.extend([key, rotated, withdrawn, imported, PASSWORD.to_owned()]);
    secrets.extend([desk.admin_token.clone(), desk.gateway_token.clone()]);
    (secrets, import)
}

/// Makes a key and withdraws it; returns it.
async fn withdrawn(ada: &mut Browser, application: &str) -> String {
    let (key, path) = ada.issue(application).await;
    ada.delete(&path).await.expect(204);
    key
}

/// Takes a key in; returns it, and where the application's keys are listed.
async fn imported(desk: &Desk, application: &str) -> (String, String) {
    let key = Random::seeded(99).secret("legacy");
    let path = format!("/admin/v1{application}/credentials");
    desk.post(&path, json!({"key": key})).await;
    (key, path)
}

/// Replaces a credential; returns the new key.
async fn rotated(ada: &mut Browser, credential: &str) -> String {
    let path = format!("/api/ext/v1{credential}/rotate");
    let issued = ada.post(&path, json!({"overlap": "1h"})).await.expect(201);
    issued["credential"].as_str().unwrap().to_owned()
}

#[test]
fn generated_keys_are_unique_valid_and_uniform() {
    const KEYS: u32 = 100_000;
    let random = Random::seeded(7);
    let mut seen = BTreeSet::new();
    let mut counts = [0_u32; 256];
    for _ in 0..KEYS {
        let key = random.secret("ks");
        assert!(key::is_well_formed("ks", key.as_bytes()), "{key}");
        for byte in &key.as_bytes()[3..3 + key::RANDOM_LENGTH] {
            counts[usize::from(*byte)] += 1;
        }
        assert!(seen.insert(key), "a key is made once");
    }
    let drawn = f64::from(KEYS) * 32.0;
    let expected = drawn / 62.0;
    let square =
        |digit: &u8| (f64::from(counts[usize::from(*digit)]) - expected).powi(2) / expected;
    let chi_square: f64 = BASE62.iter().map(square).sum();
    let outside: u32 = counts.iter().sum::<u32>()
        - BASE62
            .iter()
            .map(|digit| counts[usize::from(*digit)])
            .sum::<u32>();
    assert_eq!(outside, 0, "32 characters of the alphabet and nothing else");
    // 61 degrees of freedom: one generator in 10,000 is outside of these by chance.
    assert!((27.0..112.0).contains(&chi_square), "{chi_square}");
    assert!(62_f64.log2() * 32.0 >= 128.0, "bits of chance in a key");
}

#[test]
fn a_key_with_one_character_changed_is_no_key() {
    let key = Random::seeded(3).secret("ks");
    for place in 0..key.len() {
        for digit in BASE62 {
            let mut bytes = key.clone().into_bytes();
            if bytes[place] != *digit {
                bytes[place] = *digit;
                assert!(!key::is_well_formed("ks", &bytes), "{place}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_that_lives_or_lived_is_not_taken_in_and_nobody_learns_which() {
    let desk = Desk::on_sqlite().await;
    let (one, other) = (
        desk.application("one").await,
        desk.application("other").await,
    );
    let credentials = |of| format!("/admin/v1/applications/{of}/credentials");
    let (live, revoked) = (Random::seeded(1).secret("x"), Random::seeded(2).secret("x"));
    desk.post(&credentials(one), json!({"key": live})).await;
    let made = desk.post(&credentials(one), json!({"key": revoked})).await;
    let path = format!("{}/{}", credentials(one), made["id"].as_str().unwrap());
    desk.delete(&path).await;
    let mut answers = Vec::new();
    for key in [&live, &revoked] {
        for text in [
            key.clone(),
            format!("sha256:{}", ApiKey::new(key.as_str()).digest()),
        ] {
            let path = credentials(other);
            let refused = desk.admin("POST", &path, json!({"key": text})).await;
            let mut body = refused.expect(409);
            body.as_object_mut().unwrap().remove("request_id");
            answers.push(body);
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn a_guessable_key_is_not_taken_in() {
    let desk = Desk::on_sqlite().await;
    let strict = desk.strict().await;
    let path = format!(
        "/admin/v1/applications/{}/credentials",
        desk.application("one").await
    );
    for key in [
        "secret",
        "0123456789abcdefghijk",
        "abababababababababababababab",
    ] {
        let refused = strict
            .admin("POST", &path, json!({"key": key}))
            .await
            .expect(400);
        assert_eq!(refused["invalid_parameters"][0]["field"], "key", "{key}");
    }
}

#[tokio::test]
async fn what_is_revoked_stays_revoked() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    let application = ada.application(&published).await;
    let registration = ada.register(&application, &published).await;
    let admin = format!("/v2/portals/{}{registration}", published.portal);
    for status in ["approved", "revoked", "revoked"] {
        desk.patch(&admin, json!({"status": status})).await;
    }
    let (key, path) = ada.issue(&application).await;
    ada.delete(&path).await.expect(204);
    ada.delete(&path).await.expect(404);
    let import = format!("/admin/v1{application}/credentials");
    desk.admin("POST", &import, json!({"key": key}))
        .await
        .expect(409);
}
