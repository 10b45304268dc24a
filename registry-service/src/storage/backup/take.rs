//! Taking a backup, while the registry serves and writes.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::domain::timestamp::Timestamp;
use crate::storage::backup::BackupError;
use crate::storage::backup::archive::{Header, Writer, is_kept};
use crate::storage::table::Table;
use crate::storage::{Storage, StorageError, feed, inspect};

/// A backup that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What it says of itself.
    pub header: Header,
    /// How many rows it has.
    pub rows: u64,
}

/// Why a row was not taken.
enum RowError {
    Storage(StorageError),
    File(std::io::Error),
}

impl From<StorageError> for RowError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

// === impl Storage ===

impl Storage {
    /// Writes everything as it is at one revision to a file, which is there whole or not at all.
    ///
    /// Only its owner can read it: it holds what stands in for passwords and keys.
    pub async fn back_up(&self, path: &Path, now: Timestamp) -> Result<Taken, BackupError> {
        let failed = |source| BackupError::File {
            path: path.to_owned(),
            source,
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = NamedTempFile::new_in(folder).map_err(failed)?;
        let owner_alone = Permissions::from_mode(0o600);
        file.as_file()
            .set_permissions(owner_alone)
            .map_err(failed)?;
        let (file, taken) = self.take(file, now).await.map_err(|error| match error {
            RowError::Storage(error) => error.into(),
            RowError::File(source) => failed(source),
        })?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(taken)
    }

    async fn take(
        &self,
        file: NamedTempFile,
        now: Timestamp,
    ) -> Result<(NamedTempFile, Taken), RowError> {
        let mut snapshot = self.read().await?;
        // The first statement settles which moment the snapshot is of.
        let position = feed::position(&mut snapshot).await?;
        let schema = inspect::versions(&mut snapshot).await?;
        let header = Header {
            keystile_backup: 1,
            schema: schema.last().copied().unwrap_or_default(),
            epoch: position.epoch.to_string(),
            revision: position.head,
            taken_at: now.0,
        };
        let mut writer = Writer::begin(file, &header).map_err(RowError::File)?;
        for table in Table::all(&mut snapshot)
            .await?
            .iter()
            .filter(|table| is_kept(table))
        {
            writer.table(table).map_err(RowError::File)?;
            let take = |values| writer.row(values).map_err(RowError::File);
            table.for_each(&mut snapshot, take).await?;
        }
        let (file, rows) = writer.end().map_err(RowError::File)?;
        Ok((file, Taken { header, rows }))
    }
}
