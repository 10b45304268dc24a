//! A thousand virtual machines wait for news; how soon does the last one hear of a deletion?

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::ask;
use super::feed::{Place, read_from};
use crate::error::BenchError;
use crate::keys::{self, UNREGISTERED};
use crate::population::Population;
use crate::statistics::{Latency, milliseconds};
use crate::wire::Wire;

/// How many wait.
const WAITING: usize = 1_000;
/// For how long they would, in milliseconds.
const WAIT_MS: u32 = 25_000;
/// How often something happens.
pub(super) const TIMES: u64 = 5;
/// How long the registry gets to take all the questions in.
const SETTLING: Duration = Duration::from_secs(2);

/// How soon waiting virtual machines hear of a change.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Waking {
    /// How many waited.
    pub(crate) waiting: usize,
    /// How long each took to hear, counted from the answer to the deletion, over all times.
    pub(crate) latency: Latency,
    /// How long the last one took, each time, in milliseconds.
    pub(crate) last_ms: Vec<f64>,
}

/// Lets everybody wait, and deletes a key; some times over.
pub(super) fn measure(runtime: &Handle, population: &Population) -> Result<Waking, BenchError> {
    let admin = population.registry.admin()?;
    let mut all = Vec::new();
    let mut last_ms = Vec::new();
    let mut at = Place::default();
    for number in UNREGISTERED..UNREGISTERED + TIMES {
        at = runtime.block_on(read_from(at, population.feed()))?.at;
        let waiting = runtime.block_on(begin_to_wait(population, &at))?;
        admin.delete_credential(keys::application_of(number), keys::credential(number))?;
        let deleted = Instant::now();
        let heard = hear(runtime, (waiting, deleted))?;
        last_ms.push(milliseconds(
            heard.iter().copied().max().unwrap_or_default(),
        ));
        all.extend(heard);
    }
    Ok(Waking {
        waiting: WAITING,
        latency: Latency::of(&all),
        last_ms,
    })
}

/// Those who wait; each says when its answer came.
type Waiting = JoinSet<Result<Instant, BenchError>>;

/// Waits for all who wait; returns how long after a deletion each heard.
pub(super) fn hear(
    runtime: &Handle,
    (waiting, deleted): (Waiting, Instant),
) -> Result<Vec<Duration>, BenchError> {
    let answers = runtime.block_on(waiting.join_all()).into_iter();
    answers
        .map(|at| at.map(|at| at.saturating_duration_since(deleted)))
        .collect()
}

/// Lets everybody wait.
pub(super) async fn begin_to_wait(
    population: &Population,
    (epoch, after): &Place,
) -> Result<Waiting, BenchError> {
    let feed = population.feed();
    let request = ask::state(&feed, (epoch, *after), WAIT_MS);
    let request: Arc<[u8]> = request.into();
    let sent = Arc::new(Barrier::new(WAITING + 1));
    let mut waiting = JoinSet::new();
    for _ in 0..WAITING {
        let mut wire = Wire::open(feed.gateway).await?;
        let (request, sent) = (Arc::clone(&request), Arc::clone(&sent));
        waiting.spawn(async move {
            wire.send(&request).await?;
            sent.wait().await;
            let status = wire.receive().await?.status;
            match status {
                200 => Ok(Instant::now()),
                other => Err(BenchError::unexpected("news", 200, other)),
            }
        });
    }
    sent.wait().await;
    tokio::time::sleep(SETTLING).await;
    Ok(waiting)
}
