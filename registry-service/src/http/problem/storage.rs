//! What the database refuses, or fails at.

use crate::http::problem::Problem;
use crate::storage::{InvalidQuery, StorageError};

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Duplicate => Self::conflict("something like this exists already"),
            StorageError::Referenced => {
                Self::conflict("it is in use, or names something that does not exist")
            }
            StorageError::Query(InvalidQuery { parameter, reason }) => {
                Self::invalid_query(parameter, reason)
            }
            StorageError::Busy(_) => {
                log_busy(&error);
                Self::unavailable("the registry is busy; try again")
            }
            StorageError::Unwritable(_) => {
                log_failure(&error);
                Self::unwritable()
            }
            StorageError::Corrupt { .. } | StorageError::Failed(_) => {
                log_failure(&error);
                Self::internal()
            }
        }
    }
}

fn log_busy(error: &StorageError) {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "the database is busy"
    );
}

fn log_failure(error: &StorageError) {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "the database failed"
    );
}
