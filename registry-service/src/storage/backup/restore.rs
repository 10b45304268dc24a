//! Putting a backup back: into a scratch file first, so that what is served stays whole until the end.
//!
//! The scratch file gets the schema the backup was taken of, the rows, the rest of the schema, a new
//! epoch, and what was revoked since. Then it takes the target's place.

use std::path::{Path, PathBuf};

use keystile_protocol::id::Epoch;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use tempfile::TempDir;

use crate::clock::Clock;
use crate::domain::access::Actor;
use crate::random::Random;
use crate::storage::backup::BackupError;
use crate::storage::backup::archive::{Header, Item, Reader, is_kept};
use crate::storage::backup::place::place;
use crate::storage::backup::withdrawn::{Revived, Withdrawn};
use crate::storage::inspect::{self, Found};
use crate::storage::open::{MIGRATOR, migration_error, prepare};
use crate::storage::table::{Table, Value};
use crate::storage::{DatabaseUrl, Deed, OpenError, Storage, StorageError, Write};

/// What becomes of a database that holds something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Present {
    /// It stays, and nothing is restored.
    Stays,
    /// The backup takes its place.
    Replaced,
}

/// How the past comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// But for what was revoked since.
    WithoutRevoked,
    /// As it was.
    AsItWas,
}

/// What is to be restored, and how.
#[derive(Debug)]
pub struct Wish<'a> {
    /// The backup.
    pub backup: &'a Path,
    /// Where it goes.
    pub target: &'a DatabaseUrl,
    /// What becomes of what is there.
    pub present: Present,
    /// Another database that knows what was revoked since; otherwise the target is asked.
    pub compare_with: Option<&'a DatabaseUrl>,
    /// How the past comes back.
    pub past: Past,
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// What the backup says of itself.
    pub header: Header,
    /// How many rows it had.
    pub rows: u64,
    /// What was refused lately and would have come back to life; none if nobody could say.
    pub revived: Option<Vec<Revived>>,
    /// Where the database is that was replaced, if it is a file.
    pub set_aside: Option<PathBuf>,
}

/// A database in the making, in a folder of its own.
#[derive(Debug)]
pub(super) struct Scratch {
    pub(super) url: DatabaseUrl,
    pub(super) file: PathBuf,
    // Dropped last: the file is in it.
    _folder: TempDir,
}

/// Puts a backup back.
pub async fn restore(
    wish: &Wish<'_>,
    (clock, random): (&Clock, &Random),
) -> Result<Restored, BackupError> {
    let _lock = wish.target.lock()?;
    sqlx::any::install_default_drivers();
    let found = inspect::inspect(wish.target).await?;
    if wish.present == Present::Stays && !is_empty(wish.target, found).await? {
        return Err(BackupError::NotEmpty);
    }
    let scratch = Scratch::beside(wish.target)?;
    let (header, rows) = scratch.fill(wish.backup, random).await?;
    let withdrawn = wish.withdrawn(found).await?;
    let storage = Storage::open(&scratch.url, clock, random).await?;
    let write = storage.write(Actor::Operator, clock.now()).await?;
    let revived = wish.finish(write, &header, withdrawn).await?;
    storage.close().await;
    let set_aside = place(&scratch, wish.target, (clock, random)).await?;
    Ok(Restored {
        header,
        rows,
        revived,
        set_aside,
    })
}

// === impl Wish ===

impl Wish<'_> {
    /// Asks whoever knows what was revoked since the backup, if anybody does.
    async fn withdrawn(&self, found: Found) -> Result<Option<Withdrawn>, BackupError> {
        let witness = match self.compare_with {
            Some(other) => other,
            None if found == Found::Nothing => return Ok(None),
            None => self.target,
        };
        let mut connection = connect(witness).await?;
        let withdrawn = Withdrawn::read(&mut connection).await?;
        connection.close().await?;
        Ok(Some(withdrawn))
    }

    /// Ends the restored history's first write.
    async fn finish(
        &self,
        mut write: Write,
        header: &Header,
        withdrawn: Option<Withdrawn>,
    ) -> Result<Option<Vec<Revived>>, StorageError> {
        let revived = match withdrawn {
            Some(withdrawn) => Some(withdrawn.apply(&mut write, self.past).await?),
            None => None,
        };
        let deed = Deed::new("registry.restore", &header.epoch);
        write.commit(deed).await?;
        Ok(revived)
    }
}

// === impl Scratch ===

impl Scratch {
    /// Makes room for a database where it can take the target's place at once.
    fn beside(target: &DatabaseUrl) -> Result<Self, BackupError> {
        let folder = match target {
            DatabaseUrl::Sqlite(path) => {
                let folder = path
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty());
                let folder = folder.unwrap_or(Path::new("."));
                let made = tempfile::tempdir_in(folder);
                made.map_err(|source| file_error(folder, source))?
            }
            DatabaseUrl::Postgres(_) => {
                let made = tempfile::tempdir();
                made.map_err(|source| file_error(Path::new("temporary files"), source))?
            }
        };
        let file = folder.path().join("restored.db");
        Ok(Self {
            url: DatabaseUrl::Sqlite(file.clone()),
            file,
            _folder: folder,
        })
    }

    /// Fills it with a backup, under a new epoch.
    async fn fill(&self, backup: &Path, random: &Random) -> Result<(Header, u64), BackupError> {
        let (mut reader, header) = Reader::open(backup)?;
        if !MIGRATOR.version_exists(header.schema) {
            let version = header.schema;
            return Err(OpenError::Newer { version }.into());
        }
        let mut connection = connect(&self.url).await?;
        MIGRATOR
            .run_to(header.schema, &mut connection)
            .await
            .map_err(migration_error)?;
        let rows = load(&mut connection, &mut reader).await?;
        MIGRATOR
            .run(&mut connection)
            .await
            .map_err(migration_error)?;
        sqlx::query("update registry set epoch = $1, serving = null where one = 1")
            .bind(Epoch(random.uuid()).to_string())
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        Ok((header, rows))
    }
}

/// Loads every row, all or none.
async fn load(connection: &mut AnyConnection, reader: &mut Reader) -> Result<u64, BackupError> {
    let tables = Table::all(connection).await?;
    let mut transaction = connection.begin_with("begin immediate").await?;
    // Tables come in the order of their names.
    transaction
        .execute("pragma defer_foreign_keys = on")
        .await?;
    let rows = Loading::default()
        .all(reader, (&tables, &mut transaction))
        .await?;
    transaction.commit().await?;
    Ok(rows)
}

/// Rows on their way into a table.
#[derive(Default)]
struct Loading {
    table: Option<Table>,
    rows: Vec<Vec<Value>>,
    count: u64,
}

impl Loading {
    async fn all(
        mut self,
        reader: &mut Reader,
        (tables, connection): (&[Table], &mut AnyConnection),
    ) -> Result<u64, BackupError> {
        while let Some(item) = reader.next()? {
            if self.is_full() || matches!(item, Item::Table(..)) {
                self.end(connection).await?;
            }
            let outcome = self.take(item, tables);
            outcome.map_err(|why| reader.broken(why))?;
        }
        self.end(connection).await?;
        Ok(self.count)
    }

    fn take(&mut self, item: Item, tables: &[Table]) -> Result<(), String> {
        match item {
            Item::Row(row) => {
                self.rows.push(row);
                self.count += 1;
            }
            Item::Table(name, columns) => {
                let known = tables.iter().find(|table| table.name == name);
                let known = known.filter(|table| is_kept(table) && columns == names(table));
                let unknown = || format!("table `{name}` is not as it should be");
                self.table = Some(known.ok_or_else(unknown)?.clone());
            }
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        let batch = self.table.as_ref().map_or(0, Table::batch);
        !self.rows.is_empty() && self.rows.len() >= batch
    }

    async fn end(&mut self, connection: &mut AnyConnection) -> Result<(), StorageError> {
        if let Some(table) = &self.table {
            table.add(connection, &self.rows).await?;
        }
        self.rows.clear();
        Ok(())
    }
}

/// Connects to a database as it is, whatever its schema.
pub(super) async fn connect(url: &DatabaseUrl) -> Result<AnyConnection, BackupError> {
    let mut connection = AnyConnection::connect_with(&url.connect_options()?).await?;
    prepare(&mut connection, url.engine()).await?;
    Ok(connection)
}

/// Whether nothing was ever written to a database.
async fn is_empty(url: &DatabaseUrl, found: Found) -> Result<bool, BackupError> {
    if found == Found::Nothing {
        return Ok(true);
    }
    let mut connection = connect(url).await?;
    let writes: i64 = sqlx::query_scalar("select coalesce(max(writes), 0) from registry")
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(writes == 0)
}

fn names(table: &Table) -> Vec<String> {
    table
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect()
}

pub(super) fn file_error(path: &Path, source: std::io::Error) -> BackupError {
    BackupError::File {
        path: path.to_owned(),
        source,
    }
}
