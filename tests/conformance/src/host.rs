//! Where a case runs: a real Envoy, or the harness.

pub(crate) mod envoy;
pub(crate) mod wasm;

use std::time::Duration;

use cases::resident::Resident;
use cases::tally::Mismatch;

use crate::case::request::Request;
use crate::judge::Seen;

/// Something that runs the filter.
pub(crate) trait Host {
    /// Returns an empty registry, which the filter does not see yet.
    fn empty_registry(&mut self) -> Result<Resident, HostError>;

    /// Shows the filter this registry instead of the one before, and waits until it knows all of it.
    fn show(&mut self, registry: Resident) -> Result<(), HostError>;

    /// Starts with a filter that knows nothing and cannot reach this registry.
    fn hide(&mut self, registry: Resident) -> Result<(), HostError>;

    /// Returns the registry of the present case, its clock set.
    fn registry(&self) -> Result<&Resident, HostError>;

    /// Sends a request and returns what client and upstream see.
    fn exchange(&mut self, request: &Request) -> Result<Seen, HostError>;

    /// Gives changes their time to reach the filter, at most what is promised.
    fn propagate(&mut self) -> Result<(), HostError>;

    /// Makes the registry unreachable; what the filter knows, it knows.
    fn cut_off(&mut self) -> Result<(), HostError>;

    /// Lets time pass.
    fn pass(&mut self, time: Duration) -> Result<(), HostError>;

    /// Ends a case; returns what is wrong with the filter itself.
    fn end(&mut self) -> Result<Vec<Mismatch>, HostError>;
}

/// Why a case cannot run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HostError {
    /// A part of the stage does not stand.
    #[error("{0}")]
    Stage(#[from] stage::error::StageError),
    /// Envoy takes no connection.
    #[error("{0}")]
    Connection(#[from] stage::client::ClientError),
    /// There is no registry.
    #[error("{0}")]
    Resident(#[from] cases::resident::ResidentError),
    /// No case has begun.
    #[error("no case has begun")]
    NotBegun,
    /// The filter does not start.
    #[error("the filter does not start: {0}")]
    Start(String),
}
