//! Many who log in at the same time: hashing is slow on purpose, and may slow nothing else down.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use stage::client::{Connection, Request, Response};
use stage::registry::{Database, Registry};

/// How many log in at once.
const CROWD: usize = 200;

/// How long each waits for an answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the registry may need at most, in KiB, while each core hashes with 19 MiB. A hash for everybody
/// at once would need four gigabytes.
const MOST_MEMORY_KIB: u64 = 512 * 1024;

/// How long most answers to gateways may take meanwhile: a log-in that waited its turn takes longer, and
/// so would they if they had to wait with it.
const QUICK: Duration = Duration::from_millis(250);

#[test]
fn a_crowd_that_logs_in_takes_neither_the_memory_nor_the_time_of_others() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let is_over = AtomicBool::new(false);
    let (answers, quick) = thread::scope(|scope| {
        let gateway = scope.spawn(|| gateways_answers(&registry, &is_over));
        let crowd: Vec<_> = (0..CROWD)
            .map(|number| {
                scope.spawn({
                    let registry = &registry;
                    move || log_in(registry, number)
                })
            })
            .collect();
        let answers: Vec<_> = crowd.into_iter().map(|one| one.join().unwrap()).collect();
        is_over.store(true, Ordering::Relaxed);
        (answers, gateway.join().unwrap())
    });
    let judged = answers.iter().filter(|answer| answer.status == 401).count();
    let turned_away = answers.iter().filter(|answer| answer.status == 429);
    for answer in turned_away.clone() {
        assert!(answer.header("retry-after").is_some(), "threat 109");
    }
    assert_eq!(judged + turned_away.count(), CROWD, "threat 109");
    assert!(judged > 0, "threat 109: some have their turn");
    let most = most_memory_kib(&registry);
    assert!(most < MOST_MEMORY_KIB, "threat 109: {most} KiB");
    assert_quick(quick);
}

fn assert_quick(mut answers: Vec<Duration>) {
    answers.sort_unstable();
    let median = answers[answers.len() / 2];
    assert!(answers.len() > 10, "threat 109: gateways are answered");
    assert!(
        median < QUICK,
        "threat 109: {median:?} of {}",
        answers.len()
    );
}

/// Asks about a key and for health in turns until it is over; returns how long each answer took.
fn gateways_answers(registry: &Registry, is_over: &AtomicBool) -> Vec<Duration> {
    let listeners = registry.listeners();
    let token = format!("Bearer {}", registry.gateway_token());
    let question = json!({"service": "any", "digest": "0".repeat(64)}).to_string();
    let check = Request::post("/gateway/v1/check")
        .header("authorization", token)
        .header("content-type", "application/json")
        .body(question);
    let health = Request::get("/healthz");
    let mut gateway = Connection::open(listeners.gateway)
        .unwrap()
        .patience(PATIENCE);
    let mut answers = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        for (request, status) in [(&check, 200), (&health, 204)] {
            let begin = Instant::now();
            let answer = gateway.exchange(request).unwrap();
            assert_eq!(answer.status, status, "threat 109: {}", answer.text());
            answers.push(begin.elapsed());
        }
    }
    answers
}

/// Guesses at an account of its own, so that nobody is slowed down for having guessed before.
fn log_in(registry: &Registry, number: usize) -> Response {
    let address = format!("{number}@example.test");
    let body = json!({"username": address, "password": "a wrong guess"}).to_string();
    let request = Request::post("/api/v2/developer/authenticate")
        .header("content-type", "application/json")
        .body(body);
    let connection = Connection::open(registry.listeners().portal).unwrap();
    connection.patience(PATIENCE).exchange(&request).unwrap()
}

/// Returns the most memory the process ever had.
fn most_memory_kib(registry: &Registry) -> u64 {
    let process = registry.process_id().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line.unwrap().trim().trim_end_matches(" kB");
    digits.parse().unwrap()
}
