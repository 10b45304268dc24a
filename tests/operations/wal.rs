//! SQLite's log while somebody reads for long, as whoever copies or examines the file may.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use stage::registry::{Database, Registry};
use stage::wait;

use crate::{sqlite, writers};

const PATIENCE: Duration = Duration::from_mins(1);

const CLIENTS: usize = 4;

/// How large the log may stay (`storage/open.rs`), and how far it has to grow to tell anything.
const LIMIT: u64 = 16 * 1024 * 1024;
const LARGE: u64 = LIMIT + 4 * 1024 * 1024;

fn log_of(file: &Path) -> u64 {
    let log = format!("{}-wal", file.display());
    fs::metadata(log).map_or(0, |metadata| metadata.len())
}

#[test]
fn a_long_reader_stops_no_write_and_the_log_shrinks_when_it_is_gone() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let file = PathBuf::from(registry.database().strip_prefix("sqlite:").unwrap());
    let until = |what: &str, is_so: fn(u64) -> bool| {
        wait::until(what, PATIENCE, || {
            let length = log_of(&file);
            is_so(length)
                .then_some(())
                .ok_or_else(|| format!("{length} bytes"))
        })
        .unwrap();
    };
    let (told, ()) = writers::during(&registry, CLIENTS, || {
        sqlite::while_reading(&file, || until("a large log", |length| length > LARGE));
        until("a small log", |length| length <= LIMIT);
    });
    assert!(told.doubtful.is_empty(), "77: {:?}", told.doubtful);
    told.matches(&registry);
}
