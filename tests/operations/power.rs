//! The power is cut: what the disk was not told to keep may be gone, or there in part.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use serde_json::json;
use stage::api::Admin;
use stage::registry::{Database, Listeners, Registry};
use tempfile::TempDir;

use crate::commands::done;
use crate::sqlite;

const RECORDER: &str = include_str!("recorder.c");

/// How many writes one client makes, each looked at by itself; and how many several make at once. Together
/// they fill the log of SQLite more than once.
const ALONE: usize = 50;
const TOGETHER: usize = 400;

const CLIENTS: usize = 4;

/// How many cuts there are.
const CUTS: usize = 40;

/// The smallest piece that a disk writes whole.
const SECTOR: usize = 512;

/// A registry whose writes are recorded.
struct Recorded {
    registry: Registry,
    record: PathBuf,
    file: PathBuf,
    folder: TempDir,
}

/// What was done to a file.
#[derive(Debug, Clone)]
enum Event {
    Write(u64, Vec<u8>),
    Truncate(u64),
    Sync,
}

/// A write that was acknowledged, and how long the record was then.
struct Acknowledged {
    reference: String,
    at: usize,
}

/// A file as the disk has it.
#[derive(Default)]
struct Disk {
    kept: Vec<u8>,
    pending: Vec<Event>,
}

/// Numbers that look like chance and are the same each time (Marsaglia's xorshift).
struct Chance(u64);

impl Recorded {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (source, library) = (
            folder.path().join("recorder.c"),
            folder.path().join("recorder.so"),
        );
        fs::write(&source, RECORDER).unwrap();
        let mut compiler = Command::new(std::env::var("CC").unwrap_or_else(|_| "cc".to_owned()));
        compiler
            .args(["-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(&source)
            .arg("-ldl");
        done(&mut compiler);
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        let file = data.join("registry.db");
        let database = Database::Url(format!("sqlite:{}", file.display()));
        let record = folder.path().join("record");
        let mut registry = Registry::prepare(&database, Listeners::free().unwrap()).unwrap();
        // What was there before the first recorded event.
        sqlite::execute(&file, "pragma wal_checkpoint(truncate)");
        fs::copy(&file, folder.path().join("before.db")).unwrap();
        let mut command = registry.serving().unwrap();
        command
            .env("LD_PRELOAD", &library)
            .env("RECORD", &record)
            .env("RECORD_FOLDER", &file);
        registry.start_as(&mut command).unwrap();
        Self {
            registry,
            record,
            file,
            folder,
        }
    }

    fn length(&self) -> usize {
        usize::try_from(fs::metadata(&self.record).unwrap().len()).unwrap()
    }

    fn write(&self, admin: &Admin, reference: String) -> Acknowledged {
        let body = json!({"name": "one", "reference_id": reference});
        let answer = admin.caller().post("/admin/v1/applications", &body);
        answer.unwrap().expect(201).unwrap();
        let at = self.length();
        Acknowledged { reference, at }
    }

    /// Everything that was recorded, with the length of the record after it.
    fn events(&self) -> Vec<(usize, PathBuf, Event)> {
        let bytes = fs::read(&self.record).unwrap();
        let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        let mut events = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let name = usize::from(u16::from_le_bytes(
                bytes[at + 1..at + 3].try_into().unwrap(),
            ));
            let (offset, length) = (number(at + 3), usize::try_from(number(at + 11)).unwrap());
            let data = at + 19 + name;
            let path = PathBuf::from(std::str::from_utf8(&bytes[at + 19..data]).unwrap());
            let event = match bytes[at] {
                b'w' => Event::Write(offset, bytes[data..data + length].to_vec()),
                b't' => Event::Truncate(offset),
                _ => Event::Sync,
            };
            at = data + length;
            events.push((at, path, event));
        }
        events
    }

    /// What of the files is left after a cut, in a folder of its own.
    fn left(&self, events: &[(usize, PathBuf, Event)], chance: &mut Chance) -> TempDir {
        let before = fs::read(self.folder.path().join("before.db")).unwrap();
        let disk = Disk {
            kept: before,
            ..Disk::default()
        };
        let mut files = BTreeMap::from([(self.file.clone(), disk)]);
        for (_, path, event) in events {
            files.entry(path.clone()).or_default().take(event);
        }
        let folder = tempfile::tempdir().unwrap();
        for (path, disk) in files {
            // Made anew from the log when it is gone.
            if !path.to_string_lossy().ends_with("-shm") {
                let place = folder.path().join(path.file_name().unwrap());
                fs::write(place, disk.after_a_cut(chance)).unwrap();
            }
        }
        folder
    }
}

impl Disk {
    fn take(&mut self, event: &Event) {
        match event {
            Event::Sync => {
                for event in std::mem::take(&mut self.pending) {
                    apply(&mut self.kept, &event, usize::MAX);
                }
            }
            event => self.pending.push(event.clone()),
        }
    }

    /// What was kept, and of the rest whatever chance leaves: all, some sectors or nothing of each.
    fn after_a_cut(self, chance: &mut Chance) -> Vec<u8> {
        let mut kept = self.kept;
        for event in &self.pending {
            match chance.below(3) {
                0 => apply(&mut kept, event, usize::MAX),
                1 => apply(&mut kept, event, SECTOR * chance.below(8)),
                _ => {}
            }
        }
        kept
    }
}

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// Does to a file what was done, or the beginning of it.
fn apply(file: &mut Vec<u8>, event: &Event, most: usize) {
    match event {
        Event::Write(offset, data) => {
            let data = &data[..data.len().min(most)];
            let offset = usize::try_from(*offset).unwrap();
            let end = offset + data.len();
            file.resize(file.len().max(end), 0);
            file[offset..end].copy_from_slice(data);
        }
        Event::Truncate(length) => file.resize(usize::try_from(*length).unwrap(), 0),
        Event::Sync => {}
    }
}

fn references(folder: &Path) -> String {
    let file = folder.join("registry.db");
    let integrity = sqlite::ask(&file, "pragma integrity_check");
    assert_eq!(integrity, "ok", "74");
    sqlite::ask(
        &file,
        "select coalesce(group_concat(reference_id), '') from application",
    )
}

/// One client's writes: each is kept before it is answered.
fn alone(recorded: &Recorded) -> Vec<Acknowledged> {
    let admin = recorded.registry.admin().unwrap();
    let one = |number| {
        let before = recorded.length();
        let one = recorded.write(&admin, format!("alone-{number}."));
        let is_meanwhile = |(end, _, event): &(usize, PathBuf, Event)| {
            *end > before && *end <= one.at && matches!(event, Event::Sync)
        };
        let is_kept = recorded.events().iter().any(is_meanwhile);
        assert!(is_kept, "73: answered before it was kept");
        one
    };
    (0..ALONE).map(one).collect()
}

/// The writes of several clients at once.
fn together(recorded: &Recorded) -> Vec<Acknowledged> {
    let all = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let all = &all;
            let admin = recorded.registry.admin().unwrap();
            scope.spawn(move || {
                for number in 0..TOGETHER / CLIENTS {
                    let one = recorded.write(&admin, format!("together-{client}-{number}."));
                    all.lock().unwrap().push(one);
                }
            });
        }
    });
    all.into_inner().unwrap()
}

#[test]
fn a_power_cut_takes_nothing_that_was_acknowledged() {
    let recorded = Recorded::start();
    let mut acknowledged = alone(&recorded);
    acknowledged.extend(together(&recorded));
    let events = recorded.events();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut in_the_middle = 0;
    for _ in 0..CUTS {
        let events = &events[..=chance.below(events.len())];
        let cut = events.last().map_or(0, |(end, ..)| *end);
        let left = recorded.left(events, &mut chance);
        let kept = references(left.path());
        let due: Vec<_> = acknowledged.iter().filter(|one| one.at <= cut).collect();
        in_the_middle += usize::from(due.len() < acknowledged.len());
        for one in due {
            assert!(
                kept.contains(&one.reference),
                "74: {} is gone",
                one.reference
            );
        }
    }
    assert!(in_the_middle > CUTS / 2, "most cuts are in the middle");
}
