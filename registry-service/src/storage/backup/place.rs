//! The last step of a restore: what was made takes the target's place.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sqlx::{AnyConnection, Connection as _, Executor as _, Row as _};

use crate::clock::Clock;
use crate::random::Random;
use crate::storage::backup::BackupError;
use crate::storage::backup::restore::{Scratch, connect, file_error};
use crate::storage::table::{Table, Value};
use crate::storage::{Connection, DatabaseUrl, Storage, StorageError, listen};

/// What SQLite keeps beside a database while it is open.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Puts the database that was made in the target's place; returns where a replaced file is now.
pub(super) async fn place(
    scratch: &Scratch,
    target: &DatabaseUrl,
    (clock, random): (&Clock, &Random),
) -> Result<Option<PathBuf>, BackupError> {
    match target {
        DatabaseUrl::Sqlite(path) => set_aside(path, clock).and_then(|aside| {
            rename(&scratch.file, path)?;
            Ok(aside)
        }),
        DatabaseUrl::Postgres(_) => {
            // Its schema has to be there, and this program's.
            let storage = Storage::open(target, clock, random).await?;
            storage.close().await;
            copy(scratch, target).await?;
            Ok(None)
        }
    }
}

/// Moves a file out of the way with what SQLite keeps beside it, if it is there.
fn set_aside(path: &Path, clock: &Clock) -> Result<Option<PathBuf>, BackupError> {
    if !path.exists() {
        return Ok(None);
    }
    let aside = with(path, &format!(".replaced-{}", clock.now().0));
    for end in BESIDE {
        let part = with(path, end);
        if part.exists() {
            rename(&part, &with(&aside, end))?;
        }
    }
    rename(path, &aside)?;
    Ok(Some(aside))
}

/// Replaces every row of a PostgreSQL database, in one transaction.
async fn copy(scratch: &Scratch, target: &DatabaseUrl) -> Result<(), BackupError> {
    let mut from = connect(&scratch.url).await?;
    let mut to = connect(target).await?;
    let mut transaction = to.begin().await?;
    let references = References::drop(&mut transaction).await?;
    refill(&mut from, &mut transaction).await?;
    references.make(&mut transaction).await?;
    listen::tell(&mut transaction).await?;
    transaction.commit().await?;
    Ok(())
}

async fn refill(from: &mut Connection, to: &mut Connection) -> Result<(), StorageError> {
    let tables = Table::all(from).await?;
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let truncate = format!("truncate {}", names.join(", "));
    to.execute(sqlx::AssertSqlSafe(truncate)).await?;
    for table in &tables {
        copy_rows(table, from, to).await?;
    }
    Ok(())
}

async fn copy_rows(
    table: &Table,
    from: &mut Connection,
    to: &mut Connection,
) -> Result<(), StorageError> {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let keep = |row| {
        rows.push(row);
        Ok::<_, StorageError>(())
    };
    table.for_each(from, keep).await?;
    for batch in rows.chunks(table.batch()) {
        table.add(to, batch).await?;
    }
    Ok(())
}

/// The foreign keys of a PostgreSQL database, which would want tables filled in their order.
struct References(Vec<(String, String, String)>);

impl References {
    async fn drop(connection: &mut AnyConnection) -> Result<Self, BackupError> {
        let found = sqlx::query(
            "select cast(conrelid::regclass as text) as owner, cast(conname as text) as name, \
             pg_get_constraintdef(oid) as definition from pg_constraint \
             where contype = 'f' and connamespace = current_schema()::regnamespace",
        )
        .fetch_all(&mut *connection)
        .await?;
        let mut references = Vec::new();
        for row in found {
            let owner: String = row.try_get("owner")?;
            let name: String = row.try_get("name")?;
            let text = format!("alter table {owner} drop constraint {name}");
            connection.execute(sqlx::AssertSqlSafe(text)).await?;
            references.push((owner, name, row.try_get("definition")?));
        }
        Ok(Self(references))
    }

    async fn make(self, connection: &mut AnyConnection) -> Result<(), BackupError> {
        for (owner, name, definition) in self.0 {
            let text = format!("alter table {owner} add constraint {name} {definition}");
            connection.execute(sqlx::AssertSqlSafe(text)).await?;
        }
        Ok(())
    }
}

fn with(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    PathBuf::from(name)
}

fn rename(from: &Path, to: &Path) -> Result<(), BackupError> {
    std::fs::rename(from, to).map_err(|source| file_error(to, source))
}
