//! The tables of what the registry answers.

use std::fmt::Write as _;

use super::sections::with_latency;
use super::table::{Table, count, fine, megabytes, number};
use crate::registry_load::{Calling, Checking, Crowd, Feeding, RegistryLoad, Waking};
use crate::statistics::{Latency, real};

/// What was asked, how much of it was answered in a second, and how long one took.
type Row<'a> = (String, String, &'a Latency);

pub(super) fn registry(loads: &[RegistryLoad]) -> Option<String> {
    let mut text = String::new();
    for load in loads {
        let title = format!("{}, {} keys", load.database, count(load.keys));
        let mut table = Table::new(&[&title, "throughput", "p50 ms", "p99 ms", "longest ms"]);
        for (what, throughput, latency) in rows(load) {
            let [_, p50, p99, longest] = with_latency(String::new(), latency);
            table.row(&[what, throughput, p50, p99, longest]);
        }
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "{}\nA check takes {} µs of the registry's processor time, a page of the feed {} ms; \
             its memory takes {} MB then, {}.\n",
            table.finish(),
            number(load.checking.cpu_us),
            fine(load.feeding.page_cpu_ms),
            megabytes(load.resident_bytes),
            memory_after(&load.calling),
        );
    }
    (!loads.is_empty()).then(|| text.trim_end().to_owned() + "\n")
}

fn rows(load: &RegistryLoad) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    rows.extend(checked(&load.checking));
    rows.extend(fed(&load.feeding));
    rows.push(woken(&load.waking));
    rows.extend(crowded(&load.crowd, load.waking.waiting));
    rows.extend(load.calling.iter().map(called));
    rows
}

fn checked(checking: &Checking) -> [Row<'_>; 2] {
    [
        (
            format!("check, {} a second asked for", checking.rate),
            per_second(checking.answered_per_second),
            &checking.latency,
        ),
        (
            "check, as many as there can be".to_owned(),
            per_second(checking.most_per_second),
            &checking.latency_at_most,
        ),
    ]
}

fn fed(feeding: &Feeding) -> [Row<'_>; 2] {
    let entries = real(feeding.entries) / feeding.one_seconds;
    let pages = real(feeding.pages * feeding.readers) / feeding.many_seconds;
    [
        (
            format!(
                "state, everything ({} pages), one reader in {} s; {} readers: {} pages/s",
                feeding.pages,
                fine(feeding.one_seconds),
                feeding.readers,
                number(pages)
            ),
            format!("{} entries/s", number(entries)),
            &feeding.page,
        ),
        (
            "state, no news".to_owned(),
            per_second(feeding.polls_per_second),
            &feeding.poll,
        ),
    ]
}

fn woken(waking: &Waking) -> Row<'_> {
    (
        format!("state, {} wait: from a deletion to each", waking.waiting),
        String::new(),
        &waking.latency,
    )
}

fn crowded(crowd: &Crowd, waiting: usize) -> [Row<'_>; 2] {
    let (people, compared) = (crowd.people, crowd.compared);
    [
        (
            format!(
                "check, as before, while {waiting} wait and {people} log in ({compared} passwords \
                 are compared)"
            ),
            per_second(crowd.checks_per_second),
            &crowd.check,
        ),
        (
            format!("state, {waiting} wait while {people} log in: from a deletion to each"),
            String::new(),
            &crowd.news,
        ),
    ]
}

fn called(calling: &Calling) -> Row<'_> {
    let cpu = number(calling.cpu_us / 1e3);
    let what = format!(
        "{}, {} at a time, {cpu} ms of CPU each",
        calling.what, calling.connections,
    );
    (what, per_second(calling.per_second), &calling.latency)
}

/// Says how much memory there is after each kind of request of people.
fn memory_after(calling: &[Calling]) -> String {
    let after = calling.iter().map(|calling| {
        let kind = calling.what.split(',').next_back().unwrap_or_default();
        let resident = megabytes(calling.resident_bytes);
        format!("{resident} MB after `{}`", kind.trim())
    });
    after.collect::<Vec<_>>().join(", ")
}

fn per_second(value: f64) -> String {
    format!("{}/s", number(value))
}
