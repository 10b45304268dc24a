//! The feed: how fast one gateway reads everything, and how many can ask at once.

use std::time::{Duration, Instant};

use keystile_protocol::state::Page;
use keystile_protocol::wire;
use serde::Serialize;
use tokio::task::JoinSet;

use super::{ask, process};
use crate::accounting::processor_time;
use crate::error::BenchError;
use crate::population::Population;
use crate::sides::configuration::Feed;
use crate::statistics::{Latency, real};
use crate::wire::{Traffic, Wire, volley};

/// How many virtual machines read everything at once: two gateways of four workers would be ten.
const READERS: usize = 8;
/// How many connections ask for news there is none of.
const CONNECTIONS: usize = 32;
/// How many such questions there are for each second of effort.
const POLLS: u32 = 5_000;

/// What reading the feed takes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Feeding {
    /// How many entries there are: applications, keys and services.
    pub(crate) entries: usize,
    /// In how many pages.
    pub(crate) pages: usize,
    /// How large they are together, in bytes.
    pub(crate) bytes: usize,
    /// How long one reader takes for everything, in seconds.
    pub(crate) one_seconds: f64,
    /// How long a page takes for it.
    pub(crate) page: Latency,
    /// The registry's processor time for a page nobody has asked for, in milliseconds.
    pub(crate) page_cpu_ms: f64,
    /// How many read at once then.
    pub(crate) readers: usize,
    /// How long all of them take, in seconds.
    pub(crate) many_seconds: f64,
    /// How many questions for news there is none of it answers in a second.
    pub(crate) polls_per_second: f64,
    /// How long one takes.
    pub(crate) poll: Latency,
}

/// The epoch and the cursor to ask with next; a reader that knows nothing has the default.
pub(super) type Place = (String, i64);

/// Where a reader ends, and what it read.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Where it ends.
    pub(super) at: Place,
    entries: usize,
    bytes: usize,
    pages: Vec<Duration>,
}

/// Reads everything, alone and with others, then asks for more.
pub(super) async fn measure(population: &Population, seconds: u32) -> Result<Feeding, BenchError> {
    let feed = population.feed();
    let registry = process(population)?;
    let before = processor_time(registry)?;
    let begin = Instant::now();
    let read = read_from(Place::default(), feed.clone()).await?;
    let one = begin.elapsed();
    let cpu = processor_time(registry)?.saturating_sub(before);

    let begin = Instant::now();
    let mut readers: JoinSet<_> = (0..READERS)
        .map(|_| read_from(Place::default(), feed.clone()))
        .collect();
    while let Some(joined) = readers.join_next().await {
        joined.map_err(std::io::Error::from)??;
    }
    let many = begin.elapsed();

    let (epoch, after) = &read.at;
    let polls = Traffic {
        requests: vec![ask::state(&feed, (epoch, *after), 0); CONNECTIONS],
        status: 200,
    };
    let count = usize::try_from(POLLS * seconds).unwrap_or_default();
    let polled = volley(feed.gateway, &polls, (CONNECTIONS, count)).await?;
    Ok(Feeding {
        entries: read.entries,
        pages: read.pages.len(),
        bytes: read.bytes,
        one_seconds: one.as_secs_f64(),
        page: Latency::of(&read.pages),
        page_cpu_ms: cpu.as_secs_f64() * 1e3 / real(read.pages.len()),
        readers: READERS,
        many_seconds: many.as_secs_f64(),
        polls_per_second: real(count) / polled.elapsed.as_secs_f64(),
        poll: Latency::of(&polled.latencies),
    })
}

/// Reads from a place to the newest revision.
pub(super) async fn read_from(at: Place, feed: Feed) -> Result<Read, BenchError> {
    let mut connection = Wire::open(feed.gateway).await?;
    let mut read = Read {
        at,
        ..Read::default()
    };
    loop {
        let (epoch, after) = &read.at;
        let request = ask::state(&feed, (epoch, *after), 0);
        let begin = Instant::now();
        let reply = connection.exchange(&request).await?;
        let took = begin.elapsed();
        let page: Page = wire::decode(reply.body)
            .map_err(|error| BenchError::unexpected("the feed", "a page", (reply.status, error)))?;
        read.pages.push(took);
        read.bytes += reply.body.len();
        read.entries += page.entries.len();
        read.at = (page.epoch.to_string(), page.last.0);
        if page.last.0 == page.head {
            return Ok(read);
        }
    }
}
