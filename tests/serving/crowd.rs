//! A thousand gateways wait for news while two hundred people log in.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use stage::client::{Connection, Request};
use stage::postgres::PostgreSql;
use stage::registry::{Database, Registry};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::world::{end_of_feed, figure, figures, poll};

/// How many wait, and how many log in.
const GATEWAYS: usize = 1_000;
const PEOPLE: usize = 200;

const PATIENCE: Duration = Duration::from_mins(1);

/// What a busy machine may need; DESIGN's figures (2 ms, 250 ms) are those of a machine that does nothing
/// else, and `./just bench` holds them.
const LATEST_NEWS: Duration = Duration::from_secs(2);
const SLOWEST_CHECKS: Duration = Duration::from_millis(200);

/// What was seen.
struct Seen {
    /// How long after the write each gateway heard of it.
    news: Vec<Duration>,
    /// How long each question about a key took.
    checks: Vec<Duration>,
    /// What whoever logged in was told.
    log_ins: Vec<u16>,
}

fn crowd(database: &Database, name: &str) -> Seen {
    let registry = Registry::start(database).unwrap();
    let admin = registry.admin().unwrap();
    let application = admin.create_application("Acme", "acme").unwrap();
    let key = admin.issue_key(application, "one").unwrap();
    let runtime = Runtime::new().unwrap();
    let waiting = runtime.block_on(wait_for_news(&registry));
    let is_over = AtomicBool::new(false);
    let mut seen = thread::scope(|scope| {
        let checking = scope.spawn(|| checks(&registry, &is_over));
        let people: Vec<_> = (0..PEOPLE)
            .map(|number| {
                scope.spawn({
                    let portal = registry.listeners().portal;
                    move || log_in(portal, number)
                })
            })
            .collect();
        admin.delete_credential(application, key.id).unwrap();
        let written = Instant::now();
        let heard = runtime.block_on(waiting.join_all());
        let news = heard
            .into_iter()
            .map(|at| at.saturating_duration_since(written));
        let news = news.collect();
        let log_ins = people.into_iter().map(|one| one.join().unwrap()).collect();
        is_over.store(true, Ordering::Relaxed);
        Seen {
            news,
            checks: checking.join().unwrap(),
            log_ins,
        }
    });
    seen.tell(name);
    seen
}

impl Seen {
    fn tell(&mut self, name: &str) {
        self.news.sort_unstable();
        self.checks.sort_unstable();
        println!(
            "{name}: the last of {GATEWAYS} gateways heard after {:?}; of {} checks meanwhile the 99th of \
             a hundred took {:?}",
            self.news.last(),
            self.checks.len(),
            self.slow_check(),
        );
    }

    fn slow_check(&self) -> Duration {
        self.checks[self.checks.len() * 99 / 100]
    }

    /// Everybody heard and was answered in time, and everybody who logs in was judged or told to come
    /// again.
    fn is_well_served(&self) {
        assert_eq!(self.news.len(), GATEWAYS);
        let latest = *self.news.last().unwrap();
        assert!(latest < LATEST_NEWS, "{latest:?}");
        let slow = self.slow_check();
        assert!(slow < SLOWEST_CHECKS, "{slow:?} of {}", self.checks.len());
        let is_answer = |status: &u16| matches!(status, 401 | 429);
        let log_ins = &self.log_ins;
        assert!(log_ins.iter().all(is_answer), "109: {log_ins:?}");
        assert!(log_ins.contains(&401), "109: some have their turn");
    }
}

/// Lets all gateways ask for news, and returns when the registry has them all waiting.
async fn wait_for_news(registry: &Registry) -> JoinSet<Instant> {
    let (epoch, last) = end_of_feed_of(registry);
    let request = poll(registry, (&epoch, last), 25_000).to_bytes();
    let gateway = registry.listeners().gateway;
    let mut waiting = JoinSet::new();
    for _ in 0..GATEWAYS {
        let request = request.clone();
        let mut stream = TcpStream::connect(gateway).await.unwrap();
        stream.write_all(&request).await.unwrap();
        waiting.spawn(async move {
            let mut start = [0; 12];
            stream.read_exact(&mut start).await.unwrap();
            let heard = Instant::now();
            assert_eq!(&start, b"HTTP/1.1 200");
            heard
        });
    }
    let admin = registry.listeners().admin;
    tokio::task::block_in_place(|| {
        stage::wait::until("waiting gateways", PATIENCE, || {
            let text = figures(admin);
            match figure(&text, "keystile_feed_waiting_readers") {
                Some(1_000.0) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
    })
    .unwrap();
    waiting
}

fn end_of_feed_of(registry: &Registry) -> (String, i64) {
    tokio::task::block_in_place(|| end_of_feed(registry))
}

/// Asks about a key until it is over; returns how long each answer took.
fn checks(registry: &Registry, is_over: &AtomicBool) -> Vec<Duration> {
    let token = format!("Bearer {}", registry.gateway_token());
    let question = json!({"service": "any", "digest": "0".repeat(64)}).to_string();
    let check = Request::post("/gateway/v1/check")
        .header("authorization", token)
        .header("content-type", "application/json")
        .body(question);
    let connection = Connection::open(registry.listeners().gateway).unwrap();
    let mut connection = connection.patience(PATIENCE);
    let mut answers = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let begin = Instant::now();
        let answer = connection.exchange(&check).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answers.push(begin.elapsed());
    }
    answers
}

/// Guesses at an account of its own; each guess costs a hash.
fn log_in(portal: SocketAddr, number: usize) -> u16 {
    let address = format!("{number}@example.test");
    let body = json!({"username": address, "password": "a wrong guess"}).to_string();
    let request = Request::post("/api/v2/developer/authenticate")
        .header("content-type", "application/json")
        .body(body);
    let connection = Connection::open(portal).unwrap();
    let answer = connection.patience(PATIENCE).exchange(&request);
    answer.unwrap().status
}

#[test]
fn a_thousand_gateways_hear_in_time_while_two_hundred_log_in_on_sqlite() {
    crowd(&Database::Sqlite, "SQLite").is_well_served();
}

#[test]
fn a_thousand_gateways_hear_in_time_while_two_hundred_log_in_on_postgres() {
    let server = PostgreSql::start().unwrap();
    crowd(&Database::Url(server.url()), "PostgreSQL").is_well_served();
}
