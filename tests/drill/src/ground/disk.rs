//! A disk for a database that gets full.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use stage::error::StageError;
use stage::process::run;
use stage::registry::{Database, Registry};
use tempfile::TempDir;

/// How large it is: enough for a drill's database.
const SIZE: &str = "16m";

/// What fills it takes this much at a time, and then a byte at a time.
const PIECES: [usize; 3] = [65_536, 512, 1];

/// How much can be written at most into what is left: SQLite begins its journal anew after a thousand
/// pages, and a write is a few.
const WRITES: usize = 5_000;

/// A disk of the registry's own.
#[derive(Debug)]
pub(crate) struct Disk {
    kind: Kind,
    folder: TempDir,
}

/// How it gets full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file system in memory, of its own and small: `ENOSPC`, as on a full disk.
    Mounted,
    /// Where nothing may be mounted: no file of the registry may grow, `EFBIG`.
    Limited,
}

// === impl Disk ===

impl Disk {
    /// Makes a small one where this may mount anything.
    pub(crate) fn make() -> Result<Self, StageError> {
        let mut disk = Self::limited()?;
        let mut mount = Command::new("mount");
        let size = format!("size={SIZE}");
        mount.args(["-t", "tmpfs", "-o", &size, "drill"]);
        if run("mount", mount.arg(disk.folder.path())).is_ok() {
            disk.kind = Kind::Mounted;
        }
        Ok(disk)
    }

    fn limited() -> Result<Self, StageError> {
        Ok(Self {
            kind: Kind::Limited,
            folder: tempfile::tempdir().map_err(StageError::io("cannot make a folder"))?,
        })
    }

    /// Returns how it gets full.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns a database on it.
    pub(crate) fn database(&self) -> Database {
        let file = self.folder.path().join("registry.db");
        Database::Url(format!("sqlite:{}", file.display()))
    }

    /// Fills it to the last byte, and waits until the registry can write nothing more.
    pub(crate) fn fill(&self, registry: &Registry) -> Result<(), StageError> {
        match self.kind {
            Kind::Limited => limit(registry, "0:")?,
            Kind::Mounted => self
                .fill_with_a_file()
                .map_err(StageError::io("cannot fill a disk"))?,
        }
        // SQLite has room in files it has used before.
        for _ in 0..WRITES {
            if write(registry)? >= 500 {
                return Ok(());
            }
        }
        Err(StageError::unexpected("full disk", &self.kind))
    }

    /// Makes room again.
    pub(crate) fn free(&self, registry: &Registry) -> Result<(), StageError> {
        match self.kind {
            Kind::Limited => limit(registry, "unlimited:"),
            Kind::Mounted => {
                fs::remove_file(self.filling()).map_err(StageError::io("cannot free a disk"))
            }
        }
    }

    /// Returns a command that serves the registry and outlives a limit, if there will be one: the signal
    /// that comes with it ends programs that are not told to ignore it.
    pub(crate) fn serving(&self, registry: &Registry) -> Result<Command, StageError> {
        let serving = registry.serving()?;
        if self.kind == Kind::Mounted {
            return Ok(serving);
        }
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
        shell.arg(serving.get_program()).args(serving.get_args());
        Ok(shell)
    }

    fn filling(&self) -> PathBuf {
        self.folder.path().join("filling")
    }

    fn fill_with_a_file(&self) -> std::io::Result<()> {
        let mut file = File::create(self.filling())?;
        for size in PIECES {
            let piece = vec![b'.'; size];
            while file.write_all(&piece).is_ok() {}
        }
        Ok(())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.kind == Kind::Mounted {
            // Lazily: whoever still has a file open there is about to end.
            let mut unmount = Command::new("umount");
            let _ = run("umount", unmount.arg("-l").arg(self.folder.path()));
        }
    }
}

/// Sets how large the registry's files may get, as a soft limit, which its owner may lift again.
fn limit(registry: &Registry, fsize: &str) -> Result<(), StageError> {
    let Some(process) = registry.process_id() else {
        return Ok(());
    };
    let mut prlimit = Command::new("prlimit");
    prlimit.args(["--pid", &process.to_string()]);
    run("prlimit", prlimit.arg(format!("--fsize={fsize}"))).map(drop)
}

/// Has the registry write as much as it takes in one request, and returns its answer's status.
fn write(registry: &Registry) -> Result<u16, StageError> {
    let body = json!({"name": "Filling", "description": ".".repeat(2_000)});
    let answer = registry.admin_caller();
    let answer = answer.post("/admin/v1/applications", &body)?;
    Ok(answer.call.status)
}

#[cfg(test)]
mod tests {
    use stage::registry::Listeners;

    use super::*;

    #[test]
    fn a_registry_on_a_full_disk_says_so_and_goes_on_when_there_is_room() {
        for disk in [Disk::make().unwrap(), Disk::limited().unwrap()] {
            let listeners = Listeners::free().unwrap();
            let mut registry = Registry::prepare(&disk.database(), listeners).unwrap();
            let mut serving = disk.serving(&registry).unwrap();
            registry.start_as(&mut serving).unwrap();
            disk.fill(&registry).unwrap();
            disk.free(&registry).unwrap();
            assert_eq!(write(&registry).unwrap(), 201, "{:?}", disk.kind());
        }
    }
}
