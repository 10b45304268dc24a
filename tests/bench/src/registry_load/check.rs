//! Single checks: at a rate, and as many as there can be.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::{ask, process};
use crate::accounting::processor_time;
use crate::error::BenchError;
use crate::population::Population;
use crate::statistics::{Latency, milliseconds, real};
use crate::wire::{Traffic, Wire, volley};

/// How many checks a second are asked for: what the target speaks of.
const RATE: u32 = 2_000;
/// How many connections they come on.
const CONNECTIONS: usize = 32;
/// How many different keys are asked about, spread over all.
const VARIETY: u64 = 10_000;

/// What checks take.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Checking {
    /// How many a second there were to be.
    pub(crate) rate: u32,
    /// How many there were.
    pub(crate) answered_per_second: f64,
    /// How long one took at that rate.
    pub(crate) latency: Latency,
    /// How late the latest was sent, in milliseconds: everybody was still waiting.
    pub(crate) latest_ms: f64,
    /// The registry's processor time for one, in microseconds.
    pub(crate) cpu_us: f64,
    /// How many a second there can be.
    pub(crate) most_per_second: f64,
    /// How long one takes then.
    pub(crate) latency_at_most: Latency,
}

/// Requests that are due at a rate; whoever is free takes the next.
#[derive(Debug)]
struct Schedule {
    begin: Instant,
    next: AtomicU32,
    end: u32,
}

/// What one connection saw, or all of them: how long answers took, and how late the latest question was.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) latencies: Vec<Duration>,
    latest: Duration,
    /// How long all of them took together.
    elapsed: Duration,
}

/// Asks for some seconds at a rate, then for as many at full speed.
pub(super) async fn measure(population: &Population, seconds: u32) -> Result<Checking, BenchError> {
    let feed = population.feed();
    let traffic = questions(population)?;
    volley(feed.gateway, &traffic, (CONNECTIONS, 2_000)).await?;

    let registry = process(population)?;
    let before = processor_time(registry)?;
    let seen = at_rate(feed.gateway, traffic.clone(), seconds).await?;
    let cpu = processor_time(registry)?.saturating_sub(before);

    let requests = usize::try_from(RATE * seconds).unwrap_or_default();
    let most = volley(feed.gateway, &traffic, (CONNECTIONS, requests)).await?;
    Ok(Checking {
        rate: RATE,
        answered_per_second: seen.per_second(),
        latency: Latency::of(&seen.latencies),
        latest_ms: milliseconds(seen.latest),
        cpu_us: cpu.as_secs_f64() * 1e6 / real(seen.latencies.len()),
        most_per_second: real(requests) / most.elapsed.as_secs_f64(),
        latency_at_most: Latency::of(&most.latencies),
    })
}

/// Returns questions about many keys.
pub(super) fn questions(population: &Population) -> Result<Traffic, BenchError> {
    let feed = population.feed();
    let step = (population.keys / VARIETY).max(1);
    let numbers = (0..population.keys.min(VARIETY)).map(|index| index * step);
    let requests = numbers.map(|number| ask::check(&feed, number));
    Ok(Traffic {
        requests: requests.collect::<Result<_, _>>()?,
        status: 200,
    })
}

/// Asks at the rate of [`RATE`] for some seconds.
pub(super) async fn at_rate(
    gateway: SocketAddr,
    traffic: Traffic,
    seconds: u32,
) -> Result<Seen, BenchError> {
    let mut wires = Vec::new();
    for _ in 0..CONNECTIONS {
        wires.push(Wire::open(gateway).await?);
    }
    let schedule = Arc::new(Schedule {
        begin: Instant::now(),
        next: AtomicU32::new(0),
        end: RATE * seconds,
    });
    let traffic = Arc::new(traffic);
    let mut tasks = JoinSet::new();
    for wire in wires {
        tasks.spawn(keep_to(Arc::clone(&schedule), wire, Arc::clone(&traffic)));
    }
    let mut all = Seen::default();
    while let Some(joined) = tasks.join_next().await {
        let seen = joined.map_err(std::io::Error::from)??;
        all.latencies.extend(seen.latencies);
        all.latest = all.latest.max(seen.latest);
    }
    all.elapsed = schedule.begin.elapsed();
    Ok(all)
}

async fn keep_to(
    schedule: Arc<Schedule>,
    mut wire: Wire,
    traffic: Arc<Traffic>,
) -> Result<Seen, BenchError> {
    let mut seen = Seen::default();
    while let Some((number, due)) = schedule.take() {
        sleep_until(due).await;
        seen.latest = seen.latest.max(due.elapsed());
        let request = traffic.requests.iter().cycle().nth(number);
        let request = request.map(Vec::as_slice).unwrap_or_default();
        seen.latencies
            .push(wire.expect(traffic.status, request).await?);
    }
    Ok(seen)
}

// === impl Seen ===

impl Seen {
    /// Returns how many answers there were in a second.
    pub(super) fn per_second(&self) -> f64 {
        real(self.latencies.len()) / self.elapsed.as_secs_f64()
    }
}

// === impl Schedule ===

impl Schedule {
    /// Takes the next request: its number, and when it is due. The runtime's clock ticks in
    /// milliseconds, so those of one millisecond are due together.
    fn take(&self) -> Option<(usize, Instant)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number >= self.end {
            return None;
        }
        let due = self.begin + Duration::from_millis(u64::from(number) * 1_000 / u64::from(RATE));
        Some((usize::try_from(number).ok()?, due))
    }
}
