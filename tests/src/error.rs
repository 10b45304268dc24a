//! Why a part of the stage does not stand.

use std::io;
use std::time::Duration;

use crate::client::ClientError;

/// What went wrong; the messages are for the person who reads a failed test.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The operating system says no.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What it said.
        source: io::Error,
    },
    /// Something that must be there is not, such as a binary that was not built.
    #[error("{what} is missing: {how_to_get_it}")]
    Missing {
        /// What is missing.
        what: String,
        /// What makes it.
        how_to_get_it: String,
    },
    /// A condition did not come true in time.
    #[error("no {what} within {patience:?}; seen last: {seen}")]
    Deadline {
        /// What was waited for.
        what: String,
        /// For how long.
        patience: Duration,
        /// What was there instead.
        seen: String,
    },
    /// The shipped Envoy configuration is not what the stage changes.
    #[error("envoy.yaml: {0}")]
    Config(String),
    /// A process ended that must run, or said no to a command.
    #[error("{what} ended with {status}\n{log}")]
    Ended {
        /// Which one.
        what: String,
        /// Its exit status.
        status: String,
        /// The end of what it wrote.
        log: String,
    },
    /// Something is not as documented.
    #[error("no {what}; instead: {seen}")]
    Unexpected {
        /// What is documented.
        what: String,
        /// What was there.
        seen: String,
    },
    /// There is no answer at all.
    #[error("{request}: {source}")]
    NoAnswer {
        /// What was asked.
        request: String,
        /// What happened instead.
        source: ClientError,
    },
    /// An answer is not the documented one.
    #[error("{request} answered {status}: {body}")]
    Answer {
        /// What was asked.
        request: String,
        /// The status of the answer.
        status: u16,
        /// Its body.
        body: String,
    },
}

// === impl StageError ===

impl StageError {
    /// Returns a wrapper for what the operating system says, for `map_err`.
    pub fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// Says that something is not as documented.
    pub fn unexpected(what: &str, seen: &impl std::fmt::Debug) -> Self {
        Self::Unexpected {
            what: what.to_owned(),
            seen: format!("{seen:?}"),
        }
    }
}

impl From<ClientError> for StageError {
    fn from(source: ClientError) -> Self {
        Self::NoAnswer {
            request: "the request".to_owned(),
            source,
        }
    }
}
