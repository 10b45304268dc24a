//! How long a worker's table takes to fill, what it needs, and whether the worker is held up.

use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use stage::client::Connection;
use stage::wait;
use tokio::runtime::Handle;

use crate::error::BenchError;
use crate::gateways::{Gateway, Strangers};
use crate::population::Population;
use crate::prober::{Prober, Stalls};
use crate::sides::configuration as envoy;

/// How long filling may take.
const PATIENCE: Duration = Duration::from_mins(4);

/// How long is looked at after a table is complete: what was not sent again is swept then.
const AFTERWARDS: Duration = Duration::from_secs(3);

/// One worker and the main thread have a table each.
const MACHINES: u64 = 2;

/// What filling takes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Filling {
    /// How many keys there are.
    pub(crate) keys: u64,
    /// How long an empty table takes until it is complete, in seconds.
    pub(crate) seconds: f64,
    /// How the worker answered meanwhile.
    pub(crate) first: Stalls,
    /// How long a full table takes to read a new history, in seconds.
    pub(crate) again_seconds: f64,
    /// How the worker answered meanwhile, and while the old history was swept.
    pub(crate) again: Stalls,
    /// How it answers when nothing happens: what the machine itself does.
    pub(crate) idle: Stalls,
    /// How much memory a table takes, in bytes: of the worker and the main thread together, halved.
    pub(crate) table_bytes: u64,
    /// How much memory the whole Envoy takes after both fillings.
    pub(crate) resident_bytes: u64,
}

/// Whether a worker's table is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Incomplete,
    Complete,
}

/// A worker whose table is looked at.
#[derive(Debug)]
struct Worker<'a> {
    gateway: &'a Gateway,
    connection: Connection,
    strangers: Strangers,
}

/// Fills a worker's table twice.
pub(crate) fn measure(
    runtime: &Handle,
    population: &mut Population,
) -> Result<Filling, BenchError> {
    let config = envoy::ours(&population.feed())?;
    let empty = memory_without_keys()?;
    let gateway = Gateway::start(&config)?;
    let begin = Instant::now();
    let prober = Prober::start(&gateway)?;
    let mut worker = Worker::new(&gateway)?;
    worker.wait_until(Table::Complete)?;
    let seconds = begin.elapsed();
    let first = prober.finish()?;
    gateway.rest()?;
    let full = gateway.resident_bytes()?;
    let idle = look_on(&gateway)?;
    let (again_seconds, again) = read_again(runtime, population, &mut worker)?;
    Ok(Filling {
        keys: population.keys,
        seconds: seconds.as_secs_f64(),
        first,
        again_seconds: again_seconds.as_secs_f64(),
        again,
        idle,
        table_bytes: full.saturating_sub(empty) / MACHINES,
        resident_bytes: gateway.resident_bytes()?,
    })
}

/// Returns how the worker answers when nothing happens.
fn look_on(gateway: &Gateway) -> Result<Stalls, BenchError> {
    let prober = Prober::start(gateway)?;
    thread::sleep(AFTERWARDS);
    prober.finish()
}

/// Begins a new history; returns how long it took to read, and how the worker answered meanwhile and
/// while the old one was swept.
fn read_again(
    runtime: &Handle,
    population: &mut Population,
    worker: &mut Worker<'_>,
) -> Result<(Duration, Stalls), BenchError> {
    population.begin_new_epoch(runtime)?;
    let prober = Prober::start(worker.gateway)?;
    worker.wait_until(Table::Incomplete)?;
    let begin = Instant::now();
    worker.wait_until(Table::Complete)?;
    let seconds = begin.elapsed();
    thread::sleep(AFTERWARDS);
    Ok((seconds, prober.finish()?))
}

// === impl Worker ===

impl<'a> Worker<'a> {
    fn new(gateway: &'a Gateway) -> Result<Self, BenchError> {
        Ok(Self {
            gateway,
            connection: Connection::open(gateway.envoy.address())?,
            strangers: Strangers::default(),
        })
    }

    fn wait_until(&mut self, table: Table) -> Result<(), BenchError> {
        wait::until("change of a table", PATIENCE, || match self.look() {
            Ok(seen) if seen == table => Ok(()),
            seen => Err(format!("{seen:?}")),
        })?;
        Ok(())
    }

    fn look(&mut self) -> Result<Table, BenchError> {
        let envoy = &self.gateway.envoy;
        let decided = self
            .strangers
            .is_decided_at_once(envoy, &mut self.connection)?;
        Ok(if decided {
            Table::Complete
        } else {
            Table::Incomplete
        })
    }
}

/// Returns the memory of an Envoy whose filter reaches no registry.
fn memory_without_keys() -> Result<u64, BenchError> {
    let feed = envoy::Feed {
        gateway: ([127, 0, 0, 1], 9).into(),
        token: String::new(),
    };
    let gateway = Gateway::start(&envoy::ours(&feed)?)?;
    gateway.rest()?;
    gateway.resident_bytes()
}
