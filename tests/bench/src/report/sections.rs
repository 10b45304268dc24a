//! The tables of a run.

use super::Results;
use super::table::{Table, count, fine, megabytes, number, spread};
use crate::filling::Filling;
use crate::first_uses::FirstUses;
use crate::hot::HotFunction;
use crate::prober::Stalls;
use crate::revocation::Revocation;
use crate::sides::{Base, SideResult};
use crate::start::Starting;
use crate::statistics::{Latency, Spread};

pub(super) fn machine(results: &Results) -> String {
    let machine = &results.machine;
    let mut text = format!(
        "{} cores of {}, {} GB of memory, Linux {}, Envoy {}; load average before the run: {:.1}.\n",
        machine.cores,
        machine.processor,
        machine.memory_gb,
        machine.kernel,
        machine.envoy,
        machine.load,
    );
    if machine.is_busy() {
        text.push_str("**Provisional**: other programs wanted the same cores.\n");
    }
    if results.is_quick {
        text.push_str("**Provisional**: taken with `--quick`, few rounds and few trials.\n");
    }
    text
}

pub(super) fn sides(sides: &[SideResult]) -> Option<String> {
    let smallest = sides.iter().find(|side| side.name == "smallest SDK filter");
    let mut table = Table::new(&[
        "side",
        "keys",
        "CPU µs",
        "added µs",
        "× smallest",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "start ms",
        "memory MB",
    ]);
    for side in sides {
        let is_base = matches!(side.base, Base::Bare | Base::Buffered);
        let times = smallest.filter(|_| !is_base);
        let times = times.map(|other| spread(&side.times(other, sides), fine));
        let added = Spread::of(&side.added(sides));
        let median = |of: fn(&Latency) -> f64| {
            let values: Vec<f64> = side.latency.iter().map(of).collect();
            fine(Spread::of(&values).median)
        };
        table.row(&[
            side.name.clone(),
            side.keys.map(count).unwrap_or_default(),
            number(Spread::of(&side.cpu_us).median),
            if is_base {
                String::new()
            } else {
                spread(&added, number)
            },
            times.unwrap_or_default(),
            number(Spread::of(&side.per_second).median),
            median(|latency| latency.p50_ms),
            median(|latency| latency.p99_ms),
            number(side.start_ms),
            megabytes(side.resident_bytes),
        ]);
    }
    (!sides.is_empty()).then(|| table.finish())
}

pub(super) fn starting(starting: &Starting) -> String {
    let mut table = Table::new(&["what", "measured"]);
    let size = format!("{} bytes", count(starting.module_bytes));
    table.row(&["size of the module", &size]);
    for (what, milliseconds) in [
        ("start of Envoy without a filter", &starting.bare_ms),
        ("with the smallest SDK filter", &starting.smallest_ms),
        ("with ours", &starting.ours_ms),
    ] {
        table.row(&[what, &format!("{} ms", spread(milliseconds, number))]);
    }
    let machine = format!("{} ms", number(starting.machine_ms));
    table.row(&["each further virtual machine of ours", &machine]);
    table.finish()
}

pub(super) fn filling(filling: &Filling) -> String {
    let mut table = Table::new(&[
        "worker, probed 1,000 times a second",
        "seconds",
        "median ms",
        "1 in 1,000, beyond",
        "longest, beyond",
        "held by us, 1 in 1,000",
        "longest",
        "waited for a core, longest",
    ]);
    for (what, seconds, stalls) in [
        ("an empty table fills", filling.seconds, &filling.first),
        (
            "a full table reads a new history and is swept",
            filling.again_seconds,
            &filling.again,
        ),
        ("nothing happens", 3.0, &filling.idle),
    ] {
        table.row(&stall(what, seconds, stalls));
    }
    let per_key = filling.table_bytes / filling.keys.max(1);
    format!(
        "{}\n{} keys of {} applications: a table takes {} MB ({per_key} bytes for each key); the \
         whole Envoy, with one worker, takes {} MB after both.\n",
        table.finish(),
        count(filling.keys),
        count(filling.keys / crate::keys::KEYS_PER_APPLICATION),
        megabytes(filling.table_bytes),
        megabytes(filling.resident_bytes),
    )
}

fn stall(what: &str, seconds: f64, stalls: &Stalls) -> [String; 8] {
    [
        what.to_owned(),
        number(seconds),
        fine(stalls.latency.p50_ms),
        format!("{} ms", fine(stalls.thousandth_ms)),
        format!("{} ms", fine(stalls.longest_ms)),
        format!("{} ms", fine(stalls.held_thousandth_ms)),
        format!("{} ms", fine(stalls.held_ms)),
        format!("{} ms", fine(stalls.waited_ms)),
    ]
}

pub(super) fn revocation(revocation: &Revocation) -> String {
    let title = format!("{} deletions each, 4 workers", revocation.trials);
    let mut table = Table::new(&[&title, "p50 ms", "p99 ms", "longest ms"]);
    let load = number(revocation.load_per_second);
    for (what, latency) in [
        ("idle".to_owned(), &revocation.idle),
        (
            format!("at full load, {load} requests/s"),
            &revocation.loaded,
        ),
    ] {
        table.row(&with_latency(what, latency));
    }
    table.finish()
}

pub(super) fn first_uses(all: &[FirstUses]) -> Option<String> {
    let mut table = Table::new(&[
        "workers",
        "clients at once",
        "questions",
        "p50 ms",
        "longest ms",
    ]);
    for uses in all {
        table.row(&[
            uses.workers.to_string(),
            uses.clients.to_string(),
            uses.questions.to_string(),
            number(uses.latency.p50_ms),
            number(uses.latency.max_ms),
        ]);
    }
    (!all.is_empty()).then(|| table.finish())
}

pub(super) fn functions(functions: &[HotFunction]) -> Option<String> {
    let mut table = Table::new(&["function, in this build's own code", "µs"]);
    for function in functions {
        let us = spread(&function.us, fine);
        table.row(&[function.what, us.as_str()]);
    }
    (!functions.is_empty()).then(|| table.finish())
}

pub(super) fn with_latency(what: String, latency: &Latency) -> [String; 4] {
    [
        what,
        fine(latency.p50_ms),
        fine(latency.p99_ms),
        fine(latency.max_ms),
    ]
}
