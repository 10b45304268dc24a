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
pub mod backup;
pub mod catalogue;
pub mod credential;
mod deed;
pub mod developer;
pub mod device;
pub mod document;
pub mod email_change;
pub mod feed;
pub mod inspect;
mod kept_form;
pub mod link;
pub mod list;
mod listen;
pub mod once;
pub mod open;
mod origin;
pub mod outbox;
pub mod own;
pub mod people;
mod places;
pub mod portal;
pub mod product;
pub mod publication;
mod question;
pub mod registration;
pub mod reminder;
mod row;
pub mod service;
mod serving;
pub mod session;
pub mod specification;
mod table;
pub mod token;
pub mod usage;
pub mod write;

pub use deed::Deed;
pub use list::{Condition, Direction, InvalidQuery, List, Operator, Order, Range, Wanted};
pub use open::{DatabaseUrl, OpenError, Storage};
pub use origin::Origin;
pub use serving::FileLock;
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
    /// Nothing can be written: the disk is full or broken, or the database is read-only.
    #[error("the database cannot be written")]
    Unwritable(#[source] sqlx::Error),
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
            sqlx::Error::Database(database) => match database.code().as_deref() {
                Some(code) if is_passing(code) => Self::Busy(error),
                Some(code) if is_no_room(code) => Self::Unwritable(error),
                _ => Self::Failed(error),
            },
            _ => Self::Failed(error),
        }
    }
}

/// Whether a code says that the same may succeed in a moment: somebody else holds what is needed
/// (`SQLITE_BUSY` and its kin, or PostgreSQL's `lock_not_available`, `query_canceled`,
/// `deadlock_detected` and `serialization_failure`), or the server restarts (classes 08 and 57P) or has
/// no connection left.
fn is_passing(code: &str) -> bool {
    matches!(
        code,
        "5" | "6" | "261" | "517" | "55P03" | "57014" | "40P01" | "40001" | "53300"
    ) || (code.len() == 5 && (code.starts_with("08") || code.starts_with("57P")))
}

/// Whether a code says that nothing can be written: `SQLITE_FULL`, `SQLITE_READONLY`, `SQLITE_IOERR` and
/// `SQLITE_CANTOPEN` with all their kinds, or PostgreSQL's `disk_full` and `read_only_sql_transaction`.
fn is_no_room(code: &str) -> bool {
    // The kind of a SQLite code is in its upper bytes (sqlite.org/rescode.html).
    let is_sqlite = |number: u32| matches!(number & 0xff, 8 | 10 | 13 | 14);
    matches!(code, "53100" | "25006" | "58030")
        || (code.len() < 5 && code.parse().is_ok_and(is_sqlite))
}
