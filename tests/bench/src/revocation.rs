//! How soon a deleted key is refused by every worker: from the answer to the deletion to the last
//! request that any of them lets through.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use stage::api::Admin;
use stage::client::{Connection, Request};
use tokio::runtime::Handle;

use crate::error::BenchError;
use crate::gateways::Gateway;
use crate::keys::{self, UNREGISTERED};
use crate::population::Population;
use crate::sides::configuration as envoy;
use crate::statistics::Latency;
use crate::wire::{Traffic, volley};

const WORKERS: usize = 4;

/// How often a worker is asked while nothing else goes on: this fine are the figures.
const PERIOD: Duration = Duration::from_millis(1);

/// How the load is made up: connections, and requests between two looks whether it may end.
const LOAD: (usize, usize) = (16, 4_000);

/// How many deletions come before the first that counts.
const WARM_UP: u64 = 5;

/// How soon deletions took effect.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Revocation {
    /// How many keys were deleted, idle and under load each.
    pub(crate) trials: usize,
    /// While nothing else went on.
    pub(crate) idle: Latency,
    /// While all workers had as many requests as they could take.
    pub(crate) loaded: Latency,
    /// Requests in a second meanwhile.
    pub(crate) load_per_second: f64,
}

/// Somebody who asks one worker with a key until it is refused.
#[derive(Debug)]
struct Watcher {
    keys: Sender<String>,
    events: Receiver<Event>,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    /// The key works at this worker.
    Admitted,
    /// The last request that was let through was answered then.
    Refused { last_allowed: Instant },
}

/// Deletes keys, idle and under load.
pub(crate) fn measure(
    runtime: &Handle,
    population: &Population,
    trials: usize,
) -> Result<Revocation, BenchError> {
    let config = envoy::ours(&population.feed())?.with_workers(WORKERS)?;
    let gateway = Gateway::start_filled(&config)?;
    let admin = population.registry.admin()?;
    let watchers = gateway.envoy.connections_to_every_worker()?;
    let watchers: Vec<Watcher> = watchers.into_iter().map(Watcher::start).collect();
    let count = u64::try_from(trials).unwrap_or_default();
    // The first application's keys are refused as it is.
    let first = UNREGISTERED + WARM_UP;
    delete_all(&admin, &watchers, UNREGISTERED..first)?;
    let idle = delete_all(&admin, &watchers, first..first + count)?;

    let is_over = Arc::new(AtomicBool::new(false));
    let survivor = keys::key(population.keys - 1);
    let load = load(runtime, &gateway, &survivor, Arc::clone(&is_over));
    let loaded = delete_all(&admin, &watchers, first + count..first + 2 * count);
    is_over.store(true, Ordering::Relaxed);
    let load = load.join();
    Ok(Revocation {
        trials,
        idle: Latency::of(&idle),
        loaded: Latency::of(&loaded?),
        load_per_second: load.map_err(|_| std::io::Error::other("the load panicked"))??,
    })
}

/// Returns how long each deletion took to be known everywhere.
fn delete_all(
    admin: &Admin,
    watchers: &[Watcher],
    numbers: Range<u64>,
) -> Result<Vec<Duration>, BenchError> {
    let mut latencies = Vec::new();
    for number in numbers {
        let key = keys::key(number);
        for watcher in watchers {
            // A watcher that is gone says why when it is listened to.
            let _ = watcher.keys.send(key.clone());
        }
        for watcher in watchers {
            watcher.event()?;
        }
        admin.delete_credential(keys::application_of(number), keys::credential(number))?;
        let deleted = Instant::now();
        let mut slowest = Duration::ZERO;
        for watcher in watchers {
            if let Event::Refused { last_allowed } = watcher.event()? {
                slowest = slowest.max(last_allowed.saturating_duration_since(deleted));
            }
        }
        latencies.push(slowest);
    }
    Ok(latencies)
}

// === impl Watcher ===

impl Watcher {
    fn start(worker: Connection) -> Self {
        let (keys, commands) = channel();
        let (reports, events) = channel();
        thread::spawn(move || watch(worker, &commands, &reports));
        Self { keys, events }
    }

    fn event(&self) -> Result<Event, BenchError> {
        self.events
            .recv()
            .map_err(|_| BenchError::unexpected("a worker", "200 or 401", "something else"))
    }
}

/// Ends when nobody wants to know any more, or a worker answers what it should not.
fn watch(mut worker: Connection, commands: &Receiver<String>, reports: &Sender<Event>) {
    while let Ok(key) = commands.recv() {
        let request = Request::get("/watched").header("apikey", key);
        let mut last_allowed = None;
        loop {
            let status = worker.exchange(&request).map(|response| response.status);
            let event = match (status, last_allowed) {
                (Ok(200), None) => Some(Event::Admitted),
                (Ok(200), Some(_)) => None,
                (Ok(401), Some(last_allowed)) => {
                    let _ = reports.send(Event::Refused { last_allowed });
                    break;
                }
                _ => return,
            };
            last_allowed = Some(Instant::now());
            if let Some(event) = event {
                let _ = reports.send(event);
            }
            thread::sleep(PERIOD);
        }
    }
}

/// Keeps all workers busy with a key that stays; returns how many requests a second they took.
fn load(
    runtime: &Handle,
    gateway: &Gateway,
    key: &str,
    is_over: Arc<AtomicBool>,
) -> thread::JoinHandle<Result<f64, BenchError>> {
    let traffic = Traffic {
        requests: vec![
            format!("GET /load HTTP/1.1\r\nHost: api.example.com\r\napikey: {key}\r\n\r\n")
                .into_bytes(),
        ],
        status: 200,
    };
    let address = gateway.envoy.address();
    let runtime = runtime.clone();
    thread::spawn(move || {
        let begin = Instant::now();
        let mut requests = 0_u32;
        while !is_over.load(Ordering::Relaxed) {
            let shot = runtime.block_on(volley(address, &traffic, LOAD))?;
            requests += u32::try_from(shot.latencies.len()).unwrap_or_default();
        }
        Ok(f64::from(requests) / begin.elapsed().as_secs_f64())
    })
}
