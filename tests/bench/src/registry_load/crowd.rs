//! Everybody comes at once: a thousand virtual machines wait for news, two hundred people log in, and
//! checks go on meanwhile.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use serde::Serialize;
use serde_json::json;
use tokio::runtime::{Builder, Handle};
use tokio::task::{JoinHandle, JoinSet};

use super::check::Seen;
use super::feed::{Place, read_from};
use super::{check, people, wake};
use crate::error::BenchError;
use crate::keys::{self, UNREGISTERED};
use crate::population::Population;
use crate::statistics::Latency;
use crate::wire::Wire;

/// How many log in.
const PEOPLE: usize = 200;
/// For how long checks go on, in seconds: about as long as there are passwords to be hashed.
const SECONDS: u32 = 1;
/// Which key is deleted: one that [`wake`] leaves alone.
const KEY: u64 = UNREGISTERED + wake::TIMES;

/// What those who are there at once see.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Crowd {
    /// While everybody waits and people log in.
    pub(crate) waiting: Checks,
    /// The same, and everybody is woken.
    pub(crate) waking: Checks,
    /// How long each virtual machine took then to hear of the deletion.
    pub(crate) news: Latency,
}

/// What checks took while people logged in.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Checks {
    /// How many logged in.
    pub(crate) people: usize,
    /// How many of them had their password compared; the others were told to come again.
    pub(crate) compared: usize,
    /// How many checks a second there were meanwhile.
    pub(crate) per_second: f64,
    /// How long one took.
    pub(crate) latency: Latency,
}

/// People who log in, and checks meanwhile.
struct Scene {
    people: JoinHandle<Result<usize, BenchError>>,
    checks: JoinHandle<Result<Seen, BenchError>>,
}

/// Lets everybody come, twice, and deletes a key the second time.
pub(super) fn measure(runtime: &Handle, population: &Population) -> Result<Crowd, BenchError> {
    let admin = population.registry.admin()?;
    let at = runtime.block_on(read_from(Place::default(), population.feed()))?;
    let waiting = runtime.block_on(wake::begin_to_wait(population, &at.at))?;
    // People are elsewhere: what two hundred of them do there delays no gateway's question.
    let elsewhere = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let threads = (runtime, elsewhere.handle());
    let while_waiting = Scene::begin(threads, population, 0)?.end(runtime)?;

    let scene = Scene::begin(threads, population, PEOPLE)?;
    admin.delete_credential(keys::application_of(KEY), keys::credential(KEY))?;
    let news = wake::hear(runtime, (waiting, Instant::now()))?;
    Ok(Crowd {
        waiting: while_waiting,
        waking: scene.end(runtime)?,
        news: Latency::of(&news),
    })
}

// === impl Scene ===

impl Scene {
    /// Begins, with threads for checks and for people; people are numbered from a number on.
    fn begin(
        (runtime, elsewhere): (&Handle, &Handle),
        population: &Population,
        first: usize,
    ) -> Result<Self, BenchError> {
        let questions = check::questions(population)?;
        let listeners = population.registry.listeners();
        let checks = check::at_rate(listeners.gateway, questions, SECONDS);
        Ok(Self {
            people: elsewhere.spawn(log_in(listeners.portal, first)),
            checks: runtime.spawn(checks),
        })
    }

    fn end(self, runtime: &Handle) -> Result<Checks, BenchError> {
        let seen = runtime.block_on(self.checks).map_err(io::Error::from)??;
        let compared = runtime.block_on(self.people).map_err(io::Error::from)??;
        Ok(Checks {
            people: PEOPLE,
            compared,
            per_second: seen.per_second(),
            latency: Latency::of(&seen.latencies),
        })
    }
}

/// Each guesses at an account of its own; returns how many passwords were compared.
async fn log_in(portal: SocketAddr, first: usize) -> Result<usize, BenchError> {
    let mut people = JoinSet::new();
    for number in first..first + PEOPLE {
        let address = format!("{number}@example.test");
        let body = json!({"username": address, "password": "a wrong guess"});
        let request = people::authenticate(&body).to_bytes();
        people.spawn(async move {
            let mut wire = Wire::open(portal).await?;
            match wire.exchange(&request).await?.status {
                401 => Ok(1),
                429 => Ok(0),
                other => Err(BenchError::unexpected("a log-in", "401 or 429", other)),
            }
        });
    }
    people.join_all().await.into_iter().sum()
}
