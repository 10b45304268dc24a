//! Everybody comes at once: a thousand virtual machines wait for news, two hundred people log in, and
//! checks go on meanwhile.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use serde::Serialize;
use serde_json::json;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

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
    /// How many log in.
    pub(crate) people: usize,
    /// How many of them had their password compared; the others were told to come again.
    pub(crate) compared: usize,
    /// How many checks a second there were meanwhile.
    pub(crate) checks_per_second: f64,
    /// How long a check took meanwhile.
    pub(crate) check: Latency,
    /// How long each virtual machine took to hear of a deletion.
    pub(crate) news: Latency,
}

/// Lets everybody come, and deletes a key.
pub(super) fn measure(runtime: &Handle, population: &Population) -> Result<Crowd, BenchError> {
    let admin = population.registry.admin()?;
    let feed = population.feed();
    let at = runtime.block_on(read_from(Place::default(), feed.clone()))?;
    let waiting = runtime.block_on(wake::begin_to_wait(population, &at.at))?;
    let questions = check::questions(population)?;
    let checking = runtime.spawn(check::at_rate(feed.gateway, questions, SECONDS));
    let people = runtime.spawn(log_in(population.registry.listeners().portal));
    admin.delete_credential(keys::application_of(KEY), keys::credential(KEY))?;
    let deleted = Instant::now();
    let news = wake::hear(runtime, (waiting, deleted))?;
    let checks = runtime.block_on(checking).map_err(io::Error::from)??;
    let compared = runtime.block_on(people).map_err(io::Error::from)??;
    Ok(Crowd {
        people: PEOPLE,
        compared,
        checks_per_second: checks.per_second(),
        check: Latency::of(&checks.latencies),
        news: Latency::of(&news),
    })
}

/// Each guesses at an account of its own; returns how many passwords were compared.
async fn log_in(portal: SocketAddr) -> Result<usize, BenchError> {
    let mut people = JoinSet::new();
    for number in 0..PEOPLE {
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
