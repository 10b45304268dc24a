//! The API behind Envoy: answers everything and records what it got; with `200` at once, unless a
//! request asks for another status (`x-stage-status`) or for time (`x-stage-delay-ms`).
//!
//! The answer is a small JSON echo of the method, the target and the header lines, so that people
//! see what an API sees; suites read the [`Recorded`] requests instead, which keep every byte.

mod answering;
mod recorded;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use recorded::Recorded;

use crate::error::StageError;
use crate::server::Server;
use recorded::Record;

/// A running API; it stops when it is dropped.
#[derive(Debug)]
pub struct Upstream {
    record: Arc<Record>,
    server: Server,
}

// === impl Upstream ===

impl Upstream {
    /// Starts the API on a free port of the loopback interface.
    pub fn start() -> Result<Self, StageError> {
        Self::start_at(Ipv4Addr::LOCALHOST.into())
    }

    /// Starts the API on a free port of another of this machine's addresses, for containers.
    pub fn start_at(ip: IpAddr) -> Result<Self, StageError> {
        let record = Arc::new(Record::default());
        let recording = Arc::clone(&record);
        let serve = move |stream| answering::serve(&recording, stream);
        Ok(Self {
            record,
            server: Server::start_at(ip, "the upstream", serve)?,
        })
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Returns every request so far, in the order their heads came.
    pub fn requests(&self) -> Vec<Recorded> {
        self.record.matching(|_| true)
    }

    /// Returns the requests whose target holds a text, such as an id a test made up.
    pub fn requests_for(&self, part: &str) -> Vec<Recorded> {
        self.record.matching(|request| request.is_for(part))
    }

    /// Waits until so many requests whose target holds a text have come whole.
    pub fn wait_for(&self, part: &str, count: usize) -> Result<Vec<Recorded>, StageError> {
        const PATIENCE: Duration = Duration::from_secs(5);
        let whole = |request: &Recorded| request.is_for(part) && request.is_complete();
        self.record
            .wait(Instant::now() + PATIENCE, count, whole)
            .ok_or_else(|| StageError::Deadline {
                what: format!("{count} requests for `{part}` at the upstream"),
                patience: PATIENCE,
                seen: format!("{} requests", self.requests_for(part).len()),
            })
    }

    /// Forgets what came so far.
    pub fn forget(&self) {
        self.record.forget();
    }
}

#[cfg(test)]
mod tests;
