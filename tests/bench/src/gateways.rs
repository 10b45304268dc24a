//! Envoys as they are measured: started, filled and at rest.

use std::thread;
use std::time::{Duration, Instant};

use stage::client::{Connection, Request};
use stage::envoy::{Envoy, EnvoyConfig};
use stage::wait;

use crate::accounting;
use crate::error::BenchError;
use crate::keys;

/// How long the largest table may take.
const FILLING: Duration = Duration::from_mins(4);

/// How long an Envoy may take to come to rest: background work is not a request's cost.
const RESTING: Duration = Duration::from_secs(20);

/// How long it is looked at, and how much of that it may be busy.
const LOOK: Duration = Duration::from_millis(300);
const BUSY: Duration = Duration::from_millis(9);

/// A running Envoy.
#[derive(Debug)]
pub(crate) struct Gateway {
    /// The Envoy.
    pub(crate) envoy: Envoy,
}

/// Keys nobody has: each is asked about once, since answers are remembered for a while.
#[derive(Debug, Default)]
pub(crate) struct Strangers(u64);

// === impl Gateway ===

impl Gateway {
    /// Starts an Envoy.
    pub(crate) fn start(config: &EnvoyConfig) -> Result<Self, BenchError> {
        Ok(Self {
            envoy: Envoy::start(config)?,
        })
    }

    /// Starts an Envoy with our filter, and waits until every worker's table is complete.
    pub(crate) fn start_filled(config: &EnvoyConfig) -> Result<Self, BenchError> {
        let gateway = Self::start(config)?;
        let mut strangers = Strangers::default();
        for mut connection in gateway.envoy.connections_to_every_worker()? {
            wait::until("complete table", FILLING, || {
                match strangers.is_decided_at_once(&gateway.envoy, &mut connection) {
                    Ok(true) => Ok(()),
                    Ok(false) => Err("incomplete".to_owned()),
                    Err(error) => Err(error.to_string()),
                }
            })?;
        }
        gateway.rest()?;
        Ok(gateway)
    }

    /// Waits until it does nothing of its own accord, or takes it as it is.
    pub(crate) fn rest(&self) -> Result<(), BenchError> {
        let deadline = Instant::now() + RESTING;
        while Instant::now() < deadline {
            let before = self.processor_time()?;
            thread::sleep(LOOK);
            if self.processor_time()?.saturating_sub(before) < BUSY {
                break;
            }
        }
        Ok(())
    }

    /// Returns the processor time it has used.
    pub(crate) fn processor_time(&self) -> Result<Duration, BenchError> {
        Ok(accounting::processor_time(self.envoy.process_id())?)
    }

    /// Returns how much memory it uses, in bytes.
    pub(crate) fn resident_bytes(&self) -> Result<u64, BenchError> {
        Ok(accounting::resident_bytes(self.envoy.process_id())?)
    }
}

// === impl Strangers ===

impl Strangers {
    /// Whether a worker refuses a key nobody has without asking the registry: its table is complete.
    pub(crate) fn is_decided_at_once(
        &mut self,
        envoy: &Envoy,
        worker: &mut Connection,
    ) -> Result<bool, BenchError> {
        self.0 += 1;
        let request = Request::get("/").header("apikey", keys::key(u64::MAX - self.0));
        let before = checks(envoy)?;
        let response = worker.exchange(&request)?;
        Ok(response.status == 401 && checks(envoy)? == before)
    }
}

/// Returns how many questions about single keys the workers have asked.
pub(crate) fn checks(envoy: &Envoy) -> Result<u64, BenchError> {
    let response = Request::get("/stats?filter=keystile.callouts.check").send(envoy.admin())?;
    let stats = stage::envoy::stats::Stats::parse(&response.text());
    Ok(stats
        .value("wasmcustom.keystile.callouts.check")
        .unwrap_or_default())
}
