//! A real Envoy with the filter loaded, on ports of its own.
//!
//! [`EnvoyConfig`] is the shipped `envoy/envoy.yaml` with the changes a test names; [`Envoy`] is
//! one process that runs it; [`stats`] are its counters.

mod config;
mod restart;
mod route;
pub mod stats;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub use config::{EnvoyConfig, Shipped};
pub use route::Route;
use stats::Stats;

use crate::client::{Connection, Request, Response};
use crate::error::StageError;
use crate::process::{Process, run};
use crate::{places, wait};

/// Compiling the filter takes a second; a busy machine may need many.
const START: Duration = Duration::from_mins(1);

/// Which file of a test's own folder holds what Envoy writes.
const LOG: &str = "envoy.log";

/// Which one holds where its administration page is.
const ADMIN_ADDRESS: &str = "admin-address";

/// What Envoy makes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It works by it from now on.
    Taken,
    /// It goes on as before.
    Refused,
}

/// A running Envoy; it ends when it is dropped.
#[derive(Debug)]
pub struct Envoy {
    process: Process,
    admin: SocketAddr,
    proxy: SocketAddr,
    workers: usize,
    epoch: u32,
    base_id: Option<u32>,
    start: Duration,
    // Dropped last: the process writes into it.
    folder: TempDir,
}

// === impl Envoy ===

impl Envoy {
    /// Starts Envoy and waits until it listens; the filter may still be fetching its table.
    pub fn start(config: &EnvoyConfig) -> Result<Self, StageError> {
        let folder = tempfile::tempdir().map_err(StageError::io("cannot make a folder"))?;
        config.write(folder.path())?;
        let begin = Instant::now();
        let mut process = launch(config, folder.path(), 0)?;
        let admin = admin_address(&mut process, &folder.path().join(ADMIN_ADDRESS))?;
        wait_until_ready(&mut process, admin)?;
        Ok(Self {
            start: begin.elapsed(),
            process,
            admin,
            proxy: address_of("proxy", admin)?,
            workers: config.workers(),
            epoch: 0,
            base_id: config.base_id(),
            folder,
        })
    }

    /// Asks Envoy whether it takes a configuration, without serving by it.
    pub fn validate(config: &EnvoyConfig) -> Result<(), StageError> {
        let folder = tempfile::tempdir().map_err(StageError::io("cannot make a folder"))?;
        config.write(folder.path())?;
        let mut command = command(config, folder.path(), 0)?;
        run("Envoy", command.args(["--mode", "validate"])).map(drop)
    }

    /// Returns where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.proxy
    }

    /// Returns where clients of another listener connect.
    pub fn address_of(&self, listener: &str) -> Result<SocketAddr, StageError> {
        address_of(listener, self.admin)
    }

    /// Returns where its administration page is.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// Sends a request on a connection of its own.
    pub fn send(&self, request: &Request) -> Result<Response, StageError> {
        request
            .send(self.proxy)
            .map_err(|source| StageError::NoAnswer {
                request: format!("{} through Envoy", request.method()),
                source,
            })
    }

    /// Sends a request until it is answered with a status.
    pub fn send_until(
        &self,
        status: u16,
        patience: Duration,
        request: &Request,
    ) -> Result<Response, StageError> {
        wait::until(
            &format!("status {status} through Envoy"),
            patience,
            || match request
                .send(self.proxy)
                .map_err(|error| error.to_string())?
            {
                response if response.status == status => Ok(response),
                response => Err(format!("{} {}", response.status, response.text())),
            },
        )
    }

    /// Opens connections until every worker has one; they are in no particular order.
    ///
    /// Envoy gives each connection to the worker that has the fewest
    /// (`connection_balance_config.exact_balance`), so one for each is enough if no other client
    /// is there; the listener's counters by worker tell whether it was.
    pub fn connections_to_every_worker(&self) -> Result<Vec<Connection>, StageError> {
        let mut connections = Vec::new();
        for _ in 0..self.workers {
            connections.push(Connection::open(self.proxy)?);
        }
        wait::until("connection to every worker", Duration::from_secs(5), || {
            let stats = self.stats().map_err(|error| error.to_string())?;
            let served = stats.matching(".worker_", ".downstream_cx_active");
            if served.len() == self.workers && served.iter().all(|(_, count)| *count > 0) {
                Ok(())
            } else {
                Err(format!("{served:?}"))
            }
        })?;
        Ok(connections)
    }

    /// Reads all counters and gauges.
    pub fn stats(&self) -> Result<Stats, StageError> {
        let response = Request::get("/stats").send(self.admin)?;
        Ok(Stats::parse(&response.text()))
    }

    /// Returns how long it took until it was ready.
    pub fn start_time(&self) -> Duration {
        self.start
    }

    /// Replaces the listeners by those of another configuration, and says whether Envoy takes them
    /// ([`EnvoyConfig::with_changing_listeners`]).
    pub fn change(&self, config: &EnvoyConfig) -> Result<Change, StageError> {
        let count = |stats: &Stats, what| {
            let name = format!("listener_manager.lds.update_{what}");
            stats.value(&name).unwrap_or_default()
        };
        let before = self.stats()?;
        config.write_listeners(self.folder.path())?;
        wait::until("word of the listeners", START, || {
            let now = self.stats().map_err(|error| error.to_string())?;
            let grew = |what| count(&now, what) > count(&before, what);
            match (grew("success"), grew("rejected")) {
                (true, _) => Ok(Change::Taken),
                (_, true) => Ok(Change::Refused),
                _ => Err("nothing".to_owned()),
            }
        })
    }

    /// Returns a folder that goes away with Envoy.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Says why it ended if it has.
    pub fn still_runs(&mut self) -> Result<(), StageError> {
        self.process.still_runs()
    }

    /// Returns the number of the process.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Returns everything Envoy has written, its access log included.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

fn command(config: &EnvoyConfig, folder: &Path, epoch: u32) -> Result<Command, StageError> {
    let mut command = Command::new(places::envoy()?);
    command
        .arg("--config-path")
        .arg(folder.join("envoy.json"))
        .arg("--admin-address-path")
        .arg(folder.join(ADMIN_ADDRESS))
        .arg("--concurrency")
        .arg(config.workers().to_string())
        .args(["--file-flush-interval-msec", "20"])
        .args([
            "--log-level",
            "warning",
            "--component-log-level",
            "wasm:info",
        ]);
    config.say_how_it_runs(&mut command, epoch);
    Ok(command)
}

fn launch(config: &EnvoyConfig, folder: &Path, epoch: u32) -> Result<Process, StageError> {
    let mut command = command(config, folder, epoch)?;
    Process::spawn("Envoy", &mut command, &folder.join(LOG))
}

fn wait_until_ready(process: &mut Process, admin: SocketAddr) -> Result<(), StageError> {
    wait::until("readiness of Envoy", START, || {
        if let Err(ended) = process.still_runs() {
            return Ok(Err(ended));
        }
        let ready = Request::get("/ready").send(admin);
        match ready.map_err(|error| error.to_string())? {
            Response { status: 200, .. } => Ok(Ok(())),
            response => Err(response.text().into_owned()),
        }
    })?
}

/// Waits for the file into which Envoy writes where its administration page is.
fn admin_address(process: &mut Process, file: &Path) -> Result<SocketAddr, StageError> {
    wait::until("address of Envoy's administration page", START, || {
        if let Err(ended) = process.still_runs() {
            return Ok(Err(ended));
        }
        let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
        text.trim().parse().map(Ok).map_err(|_| text)
    })?
}

fn address_of(listener: &str, admin: SocketAddr) -> Result<SocketAddr, StageError> {
    const PORT: &str = "/local_address/socket_address/port_value";
    let response = Request::get("/listeners?format=json").send(admin)?;
    let statuses = response.json();
    let listeners = statuses
        .get("listener_statuses")
        .and_then(serde_json::Value::as_array);
    let port = listeners
        .into_iter()
        .flatten()
        .find(|one| one["name"] == listener)
        .and_then(|one| one.pointer(PORT)?.as_u64())
        .and_then(|port| u16::try_from(port).ok());
    port.map(|port| SocketAddr::new(admin.ip(), port))
        .ok_or_else(|| StageError::Answer {
            request: format!("listener `{listener}` of Envoy"),
            status: response.status,
            body: response.text().into_owned(),
        })
}
