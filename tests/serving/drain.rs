//! Threat 69: the registry is told to stop under load.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use stage::client::Request;
use stage::registry::{Database, Registry};

use crate::world::{end_of_feed, page, poll, wait_for};

/// How long a registry may take to stop.
const DRAIN: Duration = Duration::from_secs(10);

#[test]
fn a_registry_that_is_told_to_stop_answers_who_waits_and_loses_no_write() {
    let mut registry = Registry::start(&Database::Sqlite).unwrap();
    let (epoch, last) = end_of_feed(&registry);
    let gateway = registry.listeners().gateway;
    let request = poll(&registry, (&epoch, last), 30_000);
    let poller = thread::spawn(move || wait_for(gateway, &request, Duration::from_secs(40)));
    let (sender, acknowledged) = mpsc::channel();
    let admin = registry.admin().unwrap();
    let writer = thread::spawn(move || {
        let body = json!({"name": "Weather"});
        while let Ok(answer) = admin.caller().post("/admin/v1/services", &named(&body)) {
            let Ok(answer) = answer.expect(201) else {
                return;
            };
            sender.send(answer.parse::<String>("/id").unwrap()).unwrap();
        }
    });
    let mut kept: BTreeSet<String> = acknowledged.iter().take(20).collect();
    let told = Instant::now();
    registry.terminate().unwrap();
    // The writes may have ended its waiting before; then it waits again, and is told at once.
    let answer = poller.join().unwrap();
    page(&answer);
    registry.wait_for_its_end(DRAIN).unwrap();
    assert!(told.elapsed() < DRAIN, "{:?}", told.elapsed());
    kept.extend(acknowledged.iter());
    writer.join().unwrap();
    registry.start_again().unwrap();
    let listed = services(&registry);
    let missing: Vec<_> = kept.difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "69: {} of {} writes are lost",
        missing.len(),
        kept.len()
    );
}

#[test]
fn a_long_poll_ends_at_once_with_an_answer_and_readiness_turns() {
    let mut registry = Registry::start(&Database::Sqlite).unwrap();
    let (epoch, last) = end_of_feed(&registry);
    let listeners = registry.listeners();
    let (admin, gateway) = (listeners.admin, listeners.gateway);
    let request = poll(&registry, (&epoch, last), 30_000);
    let waiting = thread::spawn(move || wait_for(gateway, &request, Duration::from_secs(40)));
    wait_until_somebody_waits(&registry);
    let began = Instant::now();
    registry.terminate().unwrap();
    let answer = waiting.join().unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "69: {:?}",
        began.elapsed()
    );
    let seen = page(&answer);
    assert_eq!((seen.last.0, seen.entries.len()), (last, 0), "nothing came");
    assert_eq!(answer.header("connection").as_deref(), Some("close"));
    // Whoever still gets an answer hears that it is going; then there is none.
    while let Ok(answer) = Request::get("/readyz").send(admin) {
        assert_eq!(answer.status, 503, "69: {}", answer.text());
    }
    registry.wait_for_its_end(DRAIN).unwrap();
}

fn wait_until_somebody_waits(registry: &Registry) {
    stage::wait::until("waiting reader", Duration::from_secs(20), || {
        let text = crate::world::figures(registry.listeners().admin);
        match crate::world::figure(&text, "keystile_feed_waiting_readers") {
            Some(readers) if readers >= 1.0 => Ok(()),
            seen => Err(format!("{seen:?}")),
        }
    })
    .unwrap();
}

fn named(body: &serde_json::Value) -> serde_json::Value {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let mut body = body.clone();
    body["name"] = json!(format!("weather-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
    body
}

fn services(registry: &Registry) -> BTreeSet<String> {
    let admin = registry.admin().unwrap();
    let mut found = BTreeSet::new();
    for number in 1.. {
        let path = format!("/admin/v1/services?page[size]=100&page[number]={number}");
        let answer = admin.caller().get(&path).unwrap().expect(200).unwrap();
        let ids = answer
            .list()
            .unwrap()
            .iter()
            .filter_map(|item| item["id"].as_str());
        let before = found.len();
        found.extend(ids.map(str::to_owned));
        if found.len() == before {
            break;
        }
    }
    found
}
