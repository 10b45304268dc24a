//! Two registries on one PostgreSQL, and gateways and registries of two versions.

use std::thread;
use std::time::{Duration, Instant};

use keystile_protocol::id::{CredentialId, ServiceId};
use keystile_protocol::usage::{Count, Latency, Report};
use keystile_protocol::wire;
use keystile_registry::clock::Clock;
use keystile_registry::random::Random;
use keystile_registry::storage::Storage;
use keystile_registry::storage::usage::{Question, query};
use serde_json::json;
use stage::api::Admin;
use stage::client::Request;
use stage::postgres::PostgreSql;
use stage::registry::{Database, Registry};

use crate::world::{end_of_feed, page, poll, wait_for};

/// What a replica may take to hear of another's write, and a busy machine more.
const PROMISE: Duration = Duration::from_millis(250);
const SLACK: Duration = Duration::from_millis(750);

#[test]
fn a_write_on_one_replica_wakes_whoever_waits_at_the_other() {
    let server = PostgreSql::start().unwrap();
    let one = Registry::start(&Database::Url(server.url())).unwrap();
    let other = one.replica().unwrap();
    let mut lags = Vec::new();
    for number in 0..10 {
        let (epoch, last) = end_of_feed(&other);
        let request = poll(&other, (&epoch, last), 20_000);
        let gateway = other.listeners().gateway;
        let waiting = thread::spawn(move || {
            let answer = wait_for(gateway, &request, Duration::from_secs(30));
            (Instant::now(), answer)
        });
        stage::wait::until("waiting reader", Duration::from_secs(20), || {
            let text = crate::world::figures(other.listeners().admin);
            let readers = crate::world::figure(&text, "keystile_feed_waiting_readers");
            (readers == Some(1.0))
                .then_some(())
                .ok_or_else(|| format!("{readers:?}"))
        })
        .unwrap();
        one.admin()
            .unwrap()
            .create_application(&format!("a{number}"), &format!("r{number}"))
            .unwrap();
        let written = Instant::now();
        let (woken, answer) = waiting.join().unwrap();
        assert!(page(&answer).last.0 > last, "71: it tells of the write");
        lags.push(woken.saturating_duration_since(written));
    }
    lags.sort();
    assert!(lags[5] < PROMISE, "the median of {lags:?}");
    assert!(lags[9] < PROMISE + SLACK, "the slowest of {lags:?}");
}

#[test]
fn who_logs_in_at_one_replica_is_known_at_the_other_until_they_log_out() {
    let server = PostgreSql::start().unwrap();
    let one = Registry::start(&Database::Url(server.url())).unwrap();
    let other = one.replica().unwrap();
    one.visitor().sign_up("ada@example.com", "Ada").unwrap();
    let token = other
        .admin()
        .unwrap()
        .mailed_token("ada@example.com")
        .unwrap();
    let password = "correct horse battery staple";
    other.visitor().set_password(&token, password).unwrap();
    approve_everybody(&one);
    let cookie = log_in(&one, "ada@example.com", password);
    let me = |registry: &Registry| {
        let request = Request::get("/api/v2/developer/me").header("cookie", cookie.clone());
        request.send(registry.listeners().portal).unwrap().status
    };
    assert_eq!((me(&one), me(&other)), (200, 200));
    let out = Request::post("/api/v2/developer/logout").header("cookie", cookie.clone());
    let out = out.header("content-type", "application/json").body("{}");
    let status = out.send(other.listeners().portal).unwrap().status;
    assert!(status < 300, "{status}");
    assert_eq!(
        (me(&one), me(&other)),
        (401, 401),
        "a log-out holds everywhere"
    );
}

#[test]
fn a_report_that_comes_to_both_replicas_is_counted_once() {
    let server = PostgreSql::start().unwrap();
    let one = Registry::start(&Database::Url(server.url())).unwrap();
    let other = one.replica().unwrap();
    let admin = one.admin().unwrap();
    let report = wire::encode(&report(key(&admin))).unwrap();
    for registry in [&one, &other, &one] {
        let sent = Request::post("/gateway/v1/usage")
            .header(
                "authorization",
                format!("Bearer {}", registry.gateway_token()),
            )
            .header("content-type", wire::USAGE)
            .body(report.clone());
        assert_eq!(sent.send(registry.listeners().gateway).unwrap().status, 200);
    }
    let url = server.url();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let counted = runtime.block_on(requests_counted(&url));
    assert_eq!(counted, 7);
}

#[test]
fn a_gateway_of_the_version_before_is_served_and_one_of_the_next_is_refused_clearly() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let gateway = registry.listeners().gateway;
    let ask = |accept: Option<&str>| {
        let request = poll(&registry, ("", 0), 0);
        match accept {
            Some(accept) => request.header("accept", accept),
            None => request,
        }
    };
    for accept in [None, Some("*/*"), Some(wire::STATE)] {
        let answer = ask(accept).send(gateway).unwrap();
        page(&answer);
        assert_eq!(
            answer.header("content-type").as_deref(),
            Some(wire::STATE),
            "{accept:?}"
        );
    }
    let next = wire::STATE.replace(".v1+", ".v2+");
    let refused = ask(Some(&next)).send(gateway).unwrap();
    assert_eq!(refused.status, 406, "71: {}", refused.text());
    assert!(
        refused.text().contains(wire::STATE),
        "71: it says what there is: {}",
        refused.text()
    );
    for (path, media_type) in [
        ("/gateway/v1/check", wire::CHECK),
        ("/gateway/v1/usage", wire::USAGE),
    ] {
        let next = media_type.replace(".v1+", ".v2+");
        let refused = Request::post(path)
            .header(
                "authorization",
                format!("Bearer {}", registry.gateway_token()),
            )
            .header("content-type", next)
            .body("");
        let refused = refused.send(gateway).unwrap();
        assert_eq!(refused.status, 415, "71: {}", refused.text());
        assert!(
            refused.text().contains(media_type),
            "71: {}",
            refused.text()
        );
    }
}

fn approve_everybody(registry: &Registry) {
    let admin = registry.admin().unwrap();
    let portals = admin
        .caller()
        .get("/v2/portals")
        .unwrap()
        .expect(200)
        .unwrap();
    let portal: String = portals.parse("/data/0/id").unwrap();
    let path = format!("/v2/portals/{portal}/developers");
    let listed = admin.caller().get(&path).unwrap().expect(200).unwrap();
    for developer in listed.list().unwrap() {
        let path = format!("{path}/{}", developer["id"].as_str().unwrap());
        let approved = admin.caller().patch(&path, &json!({"status": "approved"}));
        approved.unwrap().expect(200).unwrap();
    }
}

fn key(admin: &Admin) -> CredentialId {
    let application = admin.create_application("Weather", "weather").unwrap();
    let path = format!("/admin/v1/applications/{application}/credentials");
    let made = admin.caller().post(&path, &json!({})).unwrap();
    made.expect(201).unwrap().parse("/id").unwrap()
}

/// Returns a report of seven requests with a key.
fn report(credential: CredentialId) -> Report {
    let service: ServiceId = "5f9fd312-a987-4628-b4c5-bb4f4fddd5f7".parse().unwrap();
    Report {
        gateway: "test".to_owned(),
        vm: "1".to_owned(),
        version: "0".to_owned(),
        sequence: 1,
        revision: 0,
        age_ms: None,
        warnings: Vec::new(),
        counts: vec![Count {
            credential,
            service,
            status: 200,
            last_ms: 0,
            latencies: vec![Latency {
                bucket: 0,
                requests: 7,
            }],
        }],
    }
}

fn log_in(registry: &Registry, email: &str, password: &str) -> String {
    let body = json!({"username": email, "password": password}).to_string();
    let request = Request::post("/api/v2/developer/authenticate")
        .header("content-type", "application/json")
        .body(body);
    let answer = request.send(registry.listeners().portal).unwrap();
    assert_eq!(answer.status, 204, "{}", answer.text());
    let cookies = answer
        .head
        .lines
        .iter()
        .filter(|line| line.name.eq_ignore_ascii_case(b"set-cookie"));
    let pairs = cookies.map(|line| {
        let text = String::from_utf8_lossy(&line.value).into_owned();
        text.split(';').next().unwrap_or_default().to_owned()
    });
    pairs.collect::<Vec<_>>().join("; ")
}

/// Reads from the database how many requests were counted.
async fn requests_counted(url: &str) -> i64 {
    let database = url.parse().unwrap();
    let storage = Storage::open(&database, &Clock::System, &Random::seeded(3))
        .await
        .unwrap();
    let mut snapshot = storage.read().await.unwrap();
    let question = Question {
        until_ms: i64::MAX,
        ..Question::default()
    };
    let figures = query(&mut snapshot, &question).await.unwrap();
    figures
        .iter()
        .map(|figure| figure.latencies.requests())
        .sum()
}
