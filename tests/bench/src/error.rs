//! Why there is no figure.

use std::fmt::Debug;
use std::io;

use stage::client::ClientError;
use stage::error::StageError;

/// What went wrong; the messages are for the person who started the run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// A process or what it says.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The operating system says no.
    #[error("the operating system: {0}")]
    Io(#[from] io::Error),
    /// The database that is filled says no.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The registry's storage behind `ext_authz` does not open.
    #[error("the registry's storage: {0}")]
    Storage(#[from] keystile_registry::storage::OpenError),
    /// A figure would be about something else than it says.
    #[error("{what}: expected {expected}, seen {seen}")]
    Unexpected {
        /// What was looked at.
        what: &'static str,
        /// What must be there.
        expected: String,
        /// What was there.
        seen: String,
    },
    /// The picture cannot be drawn.
    #[error("cannot draw: {0}")]
    Drawing(String),
}

// === impl BenchError ===

impl BenchError {
    /// Says that something is not as it must be.
    pub(crate) fn unexpected(what: &'static str, expected: impl Debug, seen: impl Debug) -> Self {
        Self::Unexpected {
            what,
            expected: format!("{expected:?}"),
            seen: format!("{seen:?}"),
        }
    }
}

impl From<ClientError> for BenchError {
    fn from(error: ClientError) -> Self {
        StageError::from(error).into()
    }
}
