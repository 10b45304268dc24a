//! Opening a database: its settings, its connections and its schema. [`url`] says where it is.

mod url;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keystile_protocol::id::Epoch;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, AnyPool, Connection as _, Executor as _};
use tokio::sync::{Notify, watch};

use crate::clock::Clock;
use crate::random::Random;
use crate::storage::feed::{self, Position};
use crate::storage::listen::Listening;
use crate::storage::question::Questions;
use crate::storage::serving::Beside;
use crate::storage::{StorageError, portal};

pub use self::url::DatabaseUrl;
pub(super) use self::url::{create_folder, file_error};

/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How many connections the registry uses. SQLite has one writer whatever their number.
const CONNECTIONS: u32 = 8;

/// How long a connection to a server may have done nothing and still be taken without a look whether
/// the server is there.
const TRUSTED: Duration = Duration::from_secs(1);

pub(super) static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// An open database.
#[derive(Debug)]
pub struct Storage {
    pub(super) pool: AnyPool,
    pub(super) engine: Engine,
    pub(super) questions: Arc<Questions>,
    pub(super) position: watch::Sender<Position>,
    /// Wakes whoever sends mails.
    pub(super) mail: Arc<Notify>,
    /// What other replicas write is heard of as long as this is here.
    _listening: Option<Listening>,
}

/// How connections to the database are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// Somebody reads or writes.
    pub used: i64,
    /// Nobody does.
    pub idle: i64,
}

/// Which database it is, where the two differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither `sqlite:` nor `postgres://`.
    #[error("a database is `sqlite:FILE` or `postgres://HOST/NAME`")]
    InvalidUrl,
    /// A PostgreSQL elsewhere that nobody vouches for.
    #[error("a PostgreSQL on another machine needs `?sslmode=verify-full` in its URL")]
    Unverified,
    /// Another registry has the file.
    #[error("another keystile-registry already serves `{}`", path.display())]
    Locked {
        /// The database file.
        path: PathBuf,
    },
    /// The file, its folder or its lock cannot be made.
    #[error("cannot open `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A SQLite file that was copied alone while it was served.
    #[error(
        "`{}` is a copy of a database that was being served, and lacks what was written last (it was \
         in `-wal` beside it): restore a `backup`, or take it as it is with \
         `migrate --accept-partial`",
        path.display()
    )]
    Partial {
        /// The database file.
        path: PathBuf,
    },
    /// The database has a schema that this program does not know.
    #[error(
        "the database was used by a newer keystile-registry (its schema has version {version})"
    )]
    Newer {
        /// The schema's version.
        version: i64,
    },
    /// The schema cannot be brought up to date.
    #[error("cannot bring the database's schema up to date")]
    Migration(#[source] MigrateError),
    /// The database does not answer.
    #[error("cannot open the database")]
    Unavailable(#[from] StorageError),
}

// === impl Storage ===

impl Storage {
    /// Opens the database, creating it and bringing its schema up to date.
    pub async fn open(
        url: &DatabaseUrl,
        clock: &Clock,
        random: &Random,
    ) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let engine = url.engine();
        let beside = url.file().map(Beside::look);
        let options = url.connect_options()?;
        let pool = connect(options.clone(), engine).await?;
        MIGRATOR.run(&pool).await.map_err(migration_error)?;
        let position = watch::Sender::new(Position::nowhere(random));
        let listening = match url {
            DatabaseUrl::Sqlite(_) => None,
            DatabaseUrl::Postgres(url) => {
                let news = position.clone();
                Some(Listening::begin(url.clone(), pool.clone(), news))
            }
        };
        let storage = Self {
            pool,
            engine,
            questions: Questions::new(options, engine),
            position,
            mail: Arc::default(),
            _listening: listening,
        };
        if let Some(beside) = beside {
            beside.check(&storage).await?;
        }
        storage.begin_history(clock, random).await?;
        Ok(storage)
    }

    /// Returns how many connections there are, and how many of them have nothing to do.
    pub fn pool_use(&self) -> PoolUse {
        let idle = i64::try_from(self.pool.num_idle()).unwrap_or(i64::MAX);
        PoolUse {
            used: i64::from(self.pool.size()).saturating_sub(idle).max(0),
            idle,
        }
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.questions.close();
        self.pool.close().await;
    }

    async fn begin_history(&self, clock: &Clock, random: &Random) -> Result<(), StorageError> {
        let mut connection = self.pool.acquire().await?;
        feed::begin(&mut connection, Epoch(random.uuid()), clock.now()).await?;
        portal::begin(&mut connection, random.uuid(), clock.now()).await?;
        drop(connection);
        self.refresh_position().await.map(drop)
    }
}

/// Connects; more connections are made as they are needed.
async fn connect(options: AnyConnectOptions, engine: Engine) -> Result<AnyPool, StorageError> {
    let pool = AnyPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(move |connection, past| {
            Box::pin(async move {
                // SQLite ends a transaction by itself when the disk is full, and the driver goes on
                // counting it: such a connection never begins another.
                if connection.is_in_transaction() {
                    return Ok(false);
                }
                if engine == Engine::Postgres && past.idle_for > TRUSTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection, _| {
            Box::pin(async move { prepare(connection, engine).await })
        })
        .connect_with(options);
    Ok(pool.await?)
}

/// Settles what every connection to a database needs; SQLite forgets it with the connection.
pub(super) async fn prepare(connection: &mut AnyConnection, engine: Engine) -> sqlx::Result<()> {
    let settings = match engine {
        // The log grows beyond its limit while somebody reads for long, and then shrinks again.
        Engine::Sqlite => {
            "pragma busy_timeout = 5000; pragma journal_mode = wal; \
             pragma synchronous = full; pragma foreign_keys = on; \
             pragma journal_size_limit = 16777216"
        }
        // Compiling a plan pays for reports over millions of rows. Before a new database has been
        // analyzed the planner takes a look at one key for such a report, and compiling its plan
        // keeps a core busy for a quarter of a second, each time.
        Engine::Postgres => "set lock_timeout = 5000; set statement_timeout = 15000; set jit = off",
    };
    connection.execute(settings).await.map(drop)
}

pub(super) fn migration_error(error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(version) => OpenError::Newer { version },
        error => OpenError::Migration(error),
    }
}
