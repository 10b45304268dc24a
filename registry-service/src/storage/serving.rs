//! One registry at a time on a SQLite file, and a mark by which half a copy of the file shows.
//!
//! SQLite keeps what was written last in a second file (`-wal`). Whoever copies the first alone while
//! it is served loses that, without a word from SQLite. So whoever serves writes the name of their run
//! into the database and into the lock file beside it, and takes both away in the end.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use sqlx::{AnyConnection, Connection as _, Executor as _};

use crate::random::Random;
use crate::storage::open::{create_folder, file_error, prepare};
use crate::storage::{DatabaseUrl, OpenError, Storage, StorageError};

/// Keeps a second registry away from a SQLite file as long as it lives.
#[derive(Debug)]
pub struct FileLock(Option<(PathBuf, File)>);

// === impl DatabaseUrl ===

impl DatabaseUrl {
    /// Keeps a second registry away from a SQLite file; programs that only write a row or two need
    /// not ask.
    pub fn lock(&self) -> Result<FileLock, OpenError> {
        let Self::Sqlite(path) = self else {
            return Ok(FileLock(None));
        };
        create_folder(path)?;
        let lock_path = with(path, ".lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&lock_path)
            .map_err(|source| file_error(&lock_path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(FileLock(Some((lock_path, file)))),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path: path.clone() }),
            Err(TryLockError::Error(source)) => Err(file_error(&lock_path, source)),
        }
    }

    /// Takes a database as it is, though what was written last is missing.
    pub async fn accept_partial(&self) -> Result<(), OpenError> {
        let _lock = self.lock()?;
        sqlx::any::install_default_drivers();
        let connected = AnyConnection::connect_with(&self.connect_options()?).await;
        let mut connection = connected.map_err(StorageError::from)?;
        let accepted = async {
            prepare(&mut connection, self.engine()).await?;
            connection
                .execute("update registry set serving = null")
                .await?;
            connection.close().await
        };
        Ok(accepted.await.map_err(StorageError::from)?)
    }
}

// === impl FileLock ===

impl FileLock {
    fn write(&self, run: &str) -> Result<(), OpenError> {
        let Some((path, file)) = &self.0 else {
            return Ok(());
        };
        let mut file = file;
        let written = file
            .rewind()
            .and_then(|()| file.set_len(0))
            .and_then(|()| file.write_all(run.as_bytes()))
            .and_then(|()| file.sync_all());
        written.map_err(|source| file_error(path, source))
    }
}

// === impl Storage ===

impl Storage {
    /// Marks a SQLite file as served.
    pub async fn begin_serving(&self, lock: &FileLock, random: &Random) -> Result<(), OpenError> {
        let run = random.uuid().to_string();
        lock.write(&run)?;
        self.mark(lock, Some(&run)).await
    }

    /// Takes the mark away.
    pub async fn end_serving(&self, lock: &FileLock) -> Result<(), OpenError> {
        self.mark(lock, None).await?;
        lock.write("")
    }

    async fn mark(&self, lock: &FileLock, run: Option<&str>) -> Result<(), OpenError> {
        if lock.0.is_none() {
            return Ok(());
        }
        let marked = async {
            let mut connection = self.pool.acquire().await?;
            sqlx::query("update registry set serving = $1")
                .bind(run)
                .execute(&mut *connection)
                .await?;
            // A copy has to have the mark, and that is made of the file alone.
            connection.execute("pragma wal_checkpoint(truncate)").await
        };
        marked.await.map(drop).map_err(StorageError::from)?;
        Ok(())
    }
}

/// What stands beside a SQLite file before it is opened, which makes some of it anew.
#[derive(Debug)]
pub(super) struct Beside {
    path: PathBuf,
    has_log: bool,
    run: String,
}

// === impl Beside ===

impl Beside {
    /// Looks beside a file.
    pub(super) fn look(path: &Path) -> Self {
        let log = std::fs::metadata(with(path, "-wal"));
        let mut run = String::new();
        // No lock file, or none that can be read, names no run.
        if let Ok(mut file) = File::open(with(path, ".lock"))
            && file.read_to_string(&mut run).is_err()
        {
            run.clear();
        }
        Self {
            path: path.to_owned(),
            has_log: log.is_ok_and(|log| log.len() > 0),
            run,
        }
    }

    /// Refuses a file that was copied alone while it was served.
    pub(super) async fn check(self, storage: &Storage) -> Result<(), OpenError> {
        let mark = "select serving from registry where one = 1 and serving is not null";
        let serving: Option<String> = sqlx::query_scalar(mark)
            .fetch_optional(&storage.pool)
            .await
            .map_err(StorageError::from)?;
        let is_whole = serving.is_none_or(|run| self.has_log || run == self.run);
        if is_whole {
            Ok(())
        } else {
            Err(OpenError::Partial { path: self.path })
        }
    }
}

fn with(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

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
