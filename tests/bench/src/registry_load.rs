//! What the registry answers, on one database: to gateways single checks, the feed, and everybody who
//! waits for news at once; to people log-ins and calls of the portal.

mod ask;
mod check;
mod crowd;
mod feed;
mod people;
mod wake;

use serde::Serialize;
use stage::postgres::PostgreSql;
use stage::registry::Database;
use tokio::runtime::Handle;

use crate::accounting;
use crate::error::BenchError;
use crate::options::Effort;
use crate::population::Population;

pub(crate) use check::Checking;
pub(crate) use crowd::Crowd;
pub(crate) use feed::Feeding;
pub(crate) use people::Calling;
pub(crate) use wake::Waking;

/// What a registry answers.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RegistryLoad {
    /// On which database.
    pub(crate) database: &'static str,
    /// How many keys it knows.
    pub(crate) keys: u64,
    /// Single checks.
    pub(crate) checking: Checking,
    /// Pages of the feed.
    pub(crate) feeding: Feeding,
    /// Waiting gateways.
    pub(crate) waking: Waking,
    /// Checks and waiting gateways while many log in.
    pub(crate) crowd: Crowd,
    /// Log-ins and calls of the portal.
    pub(crate) calling: Vec<Calling>,
    /// The registry's memory before people come, in bytes.
    pub(crate) resident_bytes: u64,
}

/// Measures both databases, one after the other.
pub(crate) fn measure(runtime: &Handle, effort: &Effort) -> Result<Vec<RegistryLoad>, BenchError> {
    let sqlite = on(runtime, effort, ("SQLite", &Database::Sqlite))?;
    let postgres = PostgreSql::start()?;
    let url = Database::Url(postgres.url());
    let postgres = on(runtime, effort, ("PostgreSQL", &url))?;
    Ok(vec![sqlite, postgres])
}

fn on(
    runtime: &Handle,
    effort: &Effort,
    (name, database): (&'static str, &Database),
) -> Result<RegistryLoad, BenchError> {
    eprintln!("bench: the registry on {name}");
    let population = Population::raise(runtime, database, effort.registry_keys)?;
    let process = process(&population)?;
    let checking = runtime.block_on(check::measure(&population, effort.seconds))?;
    let feeding = runtime.block_on(feed::measure(&population, effort.seconds))?;
    let waking = wake::measure(runtime, &population)?;
    let resident_bytes = accounting::resident_bytes(process)?;
    let crowd = crowd::measure(runtime, &population)?;
    Ok(RegistryLoad {
        database: name,
        keys: population.keys,
        checking,
        feeding,
        waking,
        crowd,
        calling: people::measure(runtime, &population, effort.seconds)?,
        resident_bytes,
    })
}

/// Returns what the operating system knows the registry by.
fn process(population: &Population) -> Result<u32, BenchError> {
    let process = population.registry.process_id();
    process.ok_or_else(|| BenchError::unexpected("the registry", "a process", "none"))
}
