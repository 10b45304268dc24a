//! Looking at a database without changing it: whether it answers, can be written, and is one this
//! program knows.

use std::path::Path;

use sqlx::{AnyConnection, Connection as _, Executor as _};

use crate::storage::open::{DatabaseUrl, MIGRATOR, OpenError};
use crate::storage::{Result, StorageError};

/// What is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// No database of the registry's yet, but a place for one.
    Nothing,
    /// Everything, as this program would have made it.
    Current,
    /// One that an older program made; opening it brings it up to date.
    Older,
}

/// Looks whether a database can be served.
pub async fn inspect(url: &DatabaseUrl) -> std::result::Result<Found, OpenError> {
    if let DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        return place_for(path).map(|()| Found::Nothing);
    }
    sqlx::any::install_default_drivers();
    let options = url.connect_options()?;
    let mut connection = AnyConnection::connect_with(&options)
        .await
        .map_err(StorageError::from)?;
    let applied = versions(&mut connection).await;
    let can_write = can_write(&mut connection, url).await;
    connection.close().await.map_err(StorageError::from)?;
    can_write?;
    judge(&applied?)
}

/// Compares the versions a database has with those this program has.
fn judge(applied: &[i64]) -> std::result::Result<Found, OpenError> {
    let known = |version: &i64| {
        MIGRATOR
            .iter()
            .any(|migration| migration.version == *version)
    };
    if let Some(version) = applied.iter().find(|version| !known(version)) {
        return Err(OpenError::Newer { version: *version });
    }
    Ok(match applied.len() {
        0 => Found::Nothing,
        count if count == MIGRATOR.iter().count() => Found::Current,
        _ => Found::Older,
    })
}

/// Lists the versions a database has; none where the registry never was.
pub(super) async fn versions(connection: &mut AnyConnection) -> Result<Vec<i64>> {
    let applied = sqlx::query_scalar("select version from _sqlx_migrations order by version")
        .fetch_all(connection)
        .await;
    match applied {
        // No such table.
        Err(sqlx::Error::Database(_)) => Ok(Vec::new()),
        applied => Ok(applied?),
    }
}

/// Takes SQLite's write lock and gives it back; a PostgreSQL role that may connect may write.
async fn can_write(connection: &mut AnyConnection, url: &DatabaseUrl) -> Result<()> {
    if let DatabaseUrl::Sqlite(_) = url {
        connection.execute("pragma busy_timeout = 5000").await?;
        connection.execute("begin immediate").await?;
        connection.execute("rollback").await?;
    }
    Ok(())
}

/// Refuses a place where no file can be made, without making one.
fn place_for(path: &Path) -> std::result::Result<(), OpenError> {
    let existing = path.ancestors().skip(1).find(|folder| folder.exists());
    let folder = existing.unwrap_or_else(|| Path::new("."));
    // A file without a name, which is gone when it is closed.
    let outcome = tempfile::tempfile_in(folder);
    outcome.map(drop).map_err(|source| OpenError::File {
        path: folder.to_owned(),
        source,
    })
}
