//! The whole database in one file, taken while it is served, and put back under a new epoch.
//!
//! The file is the same for SQLite and PostgreSQL, so a backup of one can be restored to the other.
//! [`archive`] is its format, [`take`] makes one, [`mod@restore`] puts one back, [`withdrawn`] keeps what
//! was revoked since then from coming back to life.

pub mod archive;
mod place;
pub mod restore;
pub mod take;
mod withdrawn;

use std::path::PathBuf;

use crate::storage::{OpenError, StorageError};

pub use restore::{Past, Present, Restored, Wish, restore};
pub use take::Taken;
pub use withdrawn::Revived;

/// Why a backup is not made, or not put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no backup, or not a whole one.
    #[error("`{}` is not a whole backup: {why}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// There is something where the backup would go.
    #[error("the database holds something already: `--replace` puts the backup in its place")]
    NotEmpty,
    /// A database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sqlx::Error> for BackupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}
