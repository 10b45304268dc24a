//! Opening a database: its URL, its settings, its schema, and the lock that keeps a second registry out.

use std::fs::{File, OpenOptions, TryLockError};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use keystile_protocol::id::Epoch;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, AnyPool, ConnectOptions as _, Executor as _};
use tokio::sync::watch;
use url::Url;

use crate::clock::Clock;
use crate::random::Random;
use crate::storage::feed::{self, Position};
use crate::storage::listen::Listening;
use crate::storage::{StorageError, portal};

/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How many connections the registry uses. SQLite has one writer whatever their number.
const CONNECTIONS: u32 = 8;

pub(super) static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server's database.
    Postgres(Url),
}

/// An open database.
#[derive(Debug)]
pub struct Storage {
    pub(super) pool: AnyPool,
    pub(super) engine: Engine,
    pub(super) position: watch::Sender<Position>,
    /// What other replicas write is heard of as long as this is here.
    _listening: Option<Listening>,
}

/// Which database it is, where the two differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

/// Keeps a second registry away from a SQLite file as long as it lives.
#[derive(Debug)]
pub struct FileLock(#[expect(dead_code, reason = "the lock is held by holding it")] Option<File>);

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

// === impl DatabaseUrl ===

impl FromStr for DatabaseUrl {
    type Err = OpenError;

    fn from_str(text: &str) -> Result<Self, OpenError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let is_file = !path.is_empty() && !path.contains([':', '?', '#', '%']);
            return if is_file {
                Ok(Self::Sqlite(PathBuf::from(path)))
            } else {
                Err(OpenError::InvalidUrl)
            };
        }
        let url = Url::parse(text).map_err(|_| OpenError::InvalidUrl)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(OpenError::InvalidUrl);
        }
        if is_verified(&url) || is_local(&url) {
            Ok(Self::Postgres(url))
        } else {
            Err(OpenError::Unverified)
        }
    }
}

impl DatabaseUrl {
    /// Keeps a second registry away from a SQLite file; programs that only write a row or two need
    /// not ask.
    pub fn lock(&self) -> Result<FileLock, OpenError> {
        let Self::Sqlite(path) = self else {
            return Ok(FileLock(None));
        };
        create_folder(path)?;
        let lock_path = beside(path, "lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(|source| file_error(&lock_path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(FileLock(Some(file))),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path: path.clone() }),
            Err(TryLockError::Error(source)) => Err(file_error(&lock_path, source)),
        }
    }

    pub(super) fn connect_options(&self) -> Result<AnyConnectOptions, OpenError> {
        let options = match self {
            Self::Sqlite(path) => {
                create_folder(path)?;
                let text = format!("sqlite:{}?mode=rwc", path.display());
                AnyConnectOptions::from_str(&text)
            }
            Self::Postgres(url) => AnyConnectOptions::from_url(url),
        };
        let options = options.map_err(|_| OpenError::InvalidUrl)?;
        // Statements hold no values, but there are very many of them.
        Ok(options.disable_statement_logging())
    }
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
        let engine = match url {
            DatabaseUrl::Sqlite(_) => Engine::Sqlite,
            DatabaseUrl::Postgres(_) => Engine::Postgres,
        };
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |connection, _| {
                Box::pin(async move { prepare(connection, engine).await })
            })
            .connect_with(url.connect_options()?)
            .await
            .map_err(StorageError::from)?;
        MIGRATOR.run(&pool).await.map_err(migration_error)?;
        let nowhere = Position {
            epoch: Epoch(random.uuid()),
            head: 0,
        };
        let position = watch::Sender::new(nowhere);
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
            position,
            _listening: listening,
        };
        storage.begin_history(clock, random).await?;
        Ok(storage)
    }

    /// Closes every connection.
    pub async fn close(&self) {
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

/// Settles what every connection to a database needs; SQLite forgets it with the connection.
async fn prepare(connection: &mut AnyConnection, engine: Engine) -> sqlx::Result<()> {
    let settings = match engine {
        Engine::Sqlite => {
            "pragma busy_timeout = 5000; pragma journal_mode = wal; \
             pragma synchronous = full; pragma foreign_keys = on"
        }
        Engine::Postgres => "set lock_timeout = 5000; set statement_timeout = 15000",
    };
    connection.execute(settings).await.map(drop)
}

/// Whether whoever the URL leads to is on this machine. A parameter of the URL may name another
/// host than the URL does; PostgreSQL's client obeys the parameter.
fn is_local(url: &Url) -> bool {
    let parameters = url.query_pairs();
    let mut named = parameters.filter(|(name, _)| matches!(name.as_ref(), "host" | "hostaddr"));
    is_loopback(url.host_str().unwrap_or_default()) && named.all(|(_, host)| is_loopback(&host))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    // None, or the folder of a socket file.
    host.is_empty()
        || host.starts_with('/')
        || host == "localhost"
        || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether the connection is encrypted to a server that was verified.
fn is_verified(url: &Url) -> bool {
    let mut modes = url
        .query_pairs()
        .filter(|(name, _)| matches!(name.as_ref(), "sslmode" | "ssl-mode"))
        .peekable();
    modes.peek().is_some() && modes.all(|(_, mode)| mode == "verify-full")
}

fn create_folder(file: &Path) -> Result<(), OpenError> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::create_dir_all(folder).map_err(|source| file_error(folder, source))
        }
        _ => Ok(()),
    }
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

fn file_error(path: &Path, source: std::io::Error) -> OpenError {
    OpenError::File {
        path: path.to_owned(),
        source,
    }
}

fn migration_error(error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(version) => OpenError::Newer { version },
        error => OpenError::Migration(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_elsewhere_must_be_verified() {
        for (url, is_taken) in [
            ("postgres://keystile@127.0.0.1:5432/keystile", true),
            ("postgres://keystile@[::1]/keystile", true),
            ("postgres://keystile@localhost/keystile", true),
            ("postgres:///keystile?host=/var/run/postgresql", true),
            ("postgres://keystile@db.example.com/keystile", false),
            ("postgres://db.example.com/keystile?sslmode=require", false),
            ("postgres://localhost/keystile?host=db.example.com", false),
            ("postgres://db.example.com/k?sslmode=verify-full", true),
            (
                "postgres://db.example.com/k?sslmode=verify-full&sslmode=disable",
                false,
            ),
        ] {
            assert_eq!(url.parse::<DatabaseUrl>().is_ok(), is_taken, "{url}");
        }
    }

    #[test]
    fn a_second_registry_does_not_get_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let database = DatabaseUrl::Sqlite(folder.path().join("keystile.db"));
        let held = database.lock().unwrap();
        assert!(matches!(database.lock(), Err(OpenError::Locked { .. })));
        drop(held);
        assert!(database.lock().is_ok());
    }
}
