//! What the registry keeps, in SQLite or PostgreSQL, from one SQL text.
//!
//! Read in this order: [`open`] is how a database is opened, [`mod@write`] how everything is changed,
//! [`feed`] what gateways read; then one module for each entity. Functions of those take a
//! [`Connection`] to read, which both a [`Snapshot`] and a [`Write`] lend, and a [`Write`] to
//! change.

pub mod account;
pub mod application;
pub mod audit;
pub mod auth_strategy;
pub mod catalogue;
pub mod credential;
mod deed;
pub mod developer;
pub mod device;
pub mod document;
pub mod email_change;
pub mod feed;
pub mod inspect;
pub mod link;
pub mod list;
mod listen;
pub mod once;
pub mod open;
mod origin;
pub mod outbox;
pub mod own;
pub mod people;
pub mod portal;
pub mod product;
pub mod publication;
mod question;
pub mod registration;
mod row;
pub mod service;
pub mod session;
pub mod specification;
pub mod token;
pub mod usage;
pub mod write;

pub use deed::Deed;
pub use list::{Condition, Direction, InvalidQuery, List, Operator, Order, Range, Wanted};
pub use open::{DatabaseUrl, OpenError, Storage};
pub use origin::Origin;
pub use write::{Snapshot, Write};

/// Lends a connection to the functions of this layer.
pub type Connection = sqlx::AnyConnection;

/// Why something could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Another row has a value that must be unique.
    #[error("another row already has a value that must be unique")]
    Duplicate,
    /// The row is named by another, or names one that is gone.
    #[error("a row is named by another, or names one that does not exist")]
    Referenced,
    /// Too much is going on; the same may succeed later.
    #[error("the database is busy")]
    Busy(#[source] sqlx::Error),
    /// A row does not hold what it should.
    #[error("column `{column}` does not hold what it should")]
    Corrupt {
        /// Where.
        column: &'static str,
    },
    /// A list was asked for by what it does not have.
    #[error(transparent)]
    Query(#[from] InvalidQuery),
    /// The database failed.
    #[error("the database failed")]
    Failed(#[source] sqlx::Error),
}

/// What reading and writing answer.
pub type Result<T> = std::result::Result<T, StorageError>;

// === impl StorageError ===

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
                Self::Busy(error)
            }
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Duplicate,
            sqlx::Error::Database(database) if database.is_foreign_key_violation() => {
                Self::Referenced
            }
            sqlx::Error::Database(database) if is_lock_timeout(database.code().as_deref()) => {
                Self::Busy(error)
            }
            _ => Self::Failed(error),
        }
    }
}

/// Whether a code says that somebody else holds what is needed: `SQLITE_BUSY` and its kin, or
/// PostgreSQL's `lock_not_available`, `query_canceled` and `deadlock_detected`.
fn is_lock_timeout(code: Option<&str>) -> bool {
    matches!(
        code,
        Some("5" | "6" | "261" | "517" | "55P03" | "57014" | "40P01" | "40001")
    )
}
