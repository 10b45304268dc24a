//! Clients that write all the time, and what they were told.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use stage::registry::Registry;

/// What writers were told, by the reference ids they chose.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// It was written.
    pub(crate) written: BTreeSet<String>,
    /// It was not, or nobody can say (503, or no answer).
    pub(crate) doubtful: BTreeSet<String>,
    /// Answers that no client should get.
    pub(crate) odd: Vec<String>,
    /// How long the slowest answer took.
    pub(crate) slowest: Duration,
}

/// Lets clients write while something happens.
pub(crate) fn during<T>(
    registry: &Registry,
    clients: usize,
    happens: impl FnOnce() -> T,
) -> (Told, T) {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..clients)
            .map(|client| {
                let stop = &stop;
                scope.spawn(move || write(registry, client, stop))
            })
            .collect();
        let outcome = happens();
        stop.store(true, Ordering::Relaxed);
        let mut all = Told::default();
        for writer in writers {
            all.add(writer.join().unwrap());
        }
        (all, outcome)
    })
}

// === impl Told ===

impl Told {
    /// Fails unless the registry has what was acknowledged, and nothing nobody asked for.
    pub(crate) fn matches(&self, registry: &Registry) {
        assert_eq!(self.odd, [] as [&str; 0], "no other answer");
        let kept = references(registry);
        let lost: Vec<_> = self.written.difference(&kept).collect();
        assert!(lost.is_empty(), "acknowledged, and gone: {lost:?}");
        let unexplained = kept.iter().filter(|one| {
            one.starts_with("w-") && !self.written.contains(*one) && !self.doubtful.contains(*one)
        });
        assert_eq!(unexplained.count(), 0, "nobody was told of these");
    }

    fn add(&mut self, other: Self) {
        self.written.extend(other.written);
        self.doubtful.extend(other.doubtful);
        self.odd.extend(other.odd);
        self.slowest = self.slowest.max(other.slowest);
    }
}

fn write(registry: &Registry, client: usize, stop: &AtomicBool) -> Told {
    static RUN: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let run = RUN.fetch_add(1, Ordering::Relaxed);
    let address = registry.listeners().admin;
    let caller = stage::api::Caller::new(address, stage::api::Journal::default())
        .with_token(registry.admin_token());
    let mut told = Told::default();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let reference = format!("w-{run}-{client}-{number}");
        let body = json!({"name": "Written", "reference_id": reference});
        let begin = Instant::now();
        let answer = caller.post("/admin/v1/applications", &body);
        told.slowest = told.slowest.max(begin.elapsed());
        match answer.map(|answer| (answer.call.status, answer.body)) {
            Ok((201, _)) => {
                told.written.insert(reference);
            }
            Ok((503, _)) | Err(_) => {
                told.doubtful.insert(reference);
            }
            Ok(other) => told.odd.push(format!("{other:?}")),
        }
    }
    told
}

/// Returns the reference ids of all applications.
pub(crate) fn references(registry: &Registry) -> BTreeSet<String> {
    let admin = registry.admin().unwrap();
    let mut found = BTreeSet::new();
    for page in 1.. {
        let path = format!(
            "/v2/portals/{}/applications?page[size]=100&page[number]={page}",
            admin.portal()
        );
        let answer = admin.caller().get(&path).unwrap();
        let list = answer.list().unwrap();
        let references = list.iter().filter_map(|one| one["reference_id"].as_str());
        found.extend(references.map(str::to_owned));
        if list.len() < 100 {
            break;
        }
    }
    found
}
