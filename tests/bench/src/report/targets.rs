//! What was promised beside what was measured.

use super::Results;
use super::table::{Table, count, fine, megabytes, number, spread};
use crate::sides::SideResult;

/// The largest module, in bytes.
const MODULE_BYTES: u64 = 300 * 1024;
/// The most memory of a table with a million keys, in bytes.
const TABLE_BYTES: u64 = 96_000_000;

/// A promise, and what came of it.
struct Target {
    what: String,
    promised: &'static str,
    measured: String,
    is_met: bool,
}

/// Returns the promises of which something was measured.
pub(super) fn table(results: &Results) -> Option<String> {
    let targets: Vec<Target> = [
        cost(&results.sides),
        starting(results),
        filling(results),
        revocation(results),
        first_uses(results),
        registry(results),
    ]
    .into_iter()
    .flatten()
    .collect();
    if targets.is_empty() {
        return None;
    }
    let mut table = Table::new(&["what", "target", "measured", "met"]);
    for target in targets {
        let met = if target.is_met { "yes" } else { "no" };
        table.row(&[&target.what, target.promised, &target.measured, met]);
    }
    Some(table.finish())
}

fn cost(sides: &[SideResult]) -> Vec<Target> {
    let ours: Vec<&SideResult> = named(sides, "ours, header").collect();
    let (Some(few), Some(many)) = (ours.first(), ours.last()) else {
        return Vec::new();
    };
    let keys = |side: &SideResult| count(side.keys.unwrap_or_default());
    let compare = |what: &str, pair: (&SideResult, &SideResult), (promised, most)| {
        let times = pair.0.times(pair.1, sides);
        Target {
            what: what.to_owned(),
            promised,
            measured: format!("{}×", spread(&times, fine)),
            is_met: times.median <= most,
        }
    };
    let smallest = named(sides, "smallest SDK filter").next().map(|smallest| {
        let what = "CPU added per request, key found, against the smallest SDK filter";
        compare(what, (few, smallest), ("≤ 1.5×", 1.5))
    });
    let asking = named(sides, "ext_authz").next().map(|asking| {
        let what = "the same, against `ext_authz`";
        compare(what, (few, asking), ("≤ 0.33×", 1.0 / 3.0))
    });
    let most = (ours.len() > 1).then(|| {
        let what = format!("the same with {} keys, against {}", keys(many), keys(few));
        compare(&what, (many, few), ("≤ 1.1×", 1.1))
    });
    [smallest, asking, most].into_iter().flatten().collect()
}

fn named<'a>(sides: &'a [SideResult], name: &str) -> impl Iterator<Item = &'a SideResult> {
    sides.iter().filter(move |side| side.name == name)
}

fn starting(results: &Results) -> Vec<Target> {
    let Some(starting) = &results.starting else {
        return Vec::new();
    };
    let longer = starting.ours_ms.median - starting.bare_ms.median;
    vec![
        Target {
            what: "size of the module".to_owned(),
            promised: "≤ 307,200 bytes",
            measured: format!("{} bytes", count(starting.module_bytes)),
            is_met: starting.module_bytes <= MODULE_BYTES,
        },
        Target {
            what: "start of Envoy, longer by".to_owned(),
            promised: "≤ 500 ms",
            measured: format!("{} ms", number(longer)),
            is_met: longer <= 500.0,
        },
    ]
}

fn filling(results: &Results) -> Vec<Target> {
    let Some(filling) = &results.filling else {
        return Vec::new();
    };
    let per_million = filling.table_bytes * 1_000_000 / filling.keys.max(1);
    let (first, again) = (&filling.first, &filling.again);
    let held = first.held_ms.max(again.held_ms);
    let keys = count(filling.keys);
    vec![
        Target {
            what: format!("memory of a table for a million keys, by {keys}"),
            promised: "≤ 96 MB",
            measured: format!("{} MB", megabytes(per_million)),
            is_met: per_million <= TABLE_BYTES,
        },
        Target {
            what: format!("longest that a worker is held while {keys} keys come, twice"),
            promised: "≤ 5 ms",
            measured: format!(
                "{} ms (longest answer: {} ms, with nothing to do: {} ms)",
                number(held),
                number(first.longest_ms.max(again.longest_ms)),
                number(filling.idle.longest_ms)
            ),
            is_met: held <= 5.0,
        },
    ]
}

fn revocation(results: &Results) -> Vec<Target> {
    let Some(revocation) = &results.revocation else {
        return Vec::new();
    };
    [
        ("idle", "≤ 100 ms", revocation.idle.max_ms, 100.0),
        ("at full load", "≤ 500 ms", revocation.loaded.max_ms, 500.0),
    ]
    .map(|(when, promised, longest, most)| Target {
        what: format!("deletion until the last of 4 workers refuses, {when}, longest"),
        promised,
        measured: format!("{} ms", number(longest)),
        is_met: longest <= most,
    })
    .into()
}

fn first_uses(results: &Results) -> Vec<Target> {
    let uses = results.first_uses.iter();
    uses.map(|uses| Target {
        what: format!(
            "{} first uses of a key at once, {} worker(s): questions to the registry",
            uses.clients, uses.workers
        ),
        promised: "1 per worker",
        measured: uses.questions.to_string(),
        is_met: usize::try_from(uses.questions).is_ok_and(|asked| asked <= uses.workers),
    })
    .collect()
}

fn registry(results: &Results) -> Vec<Target> {
    let mut targets = Vec::new();
    for load in &results.registry {
        let (database, keys) = (load.database, count(load.keys));
        let latency = &load.checking.latency;
        targets.push(Target {
            what: format!("check at 2,000 a second, {database}, {keys} keys, p99"),
            promised: "≤ 2 ms",
            measured: format!(
                "{} ms at {} a second",
                fine(latency.p99_ms),
                number(load.checking.answered_per_second)
            ),
            is_met: latency.p99_ms <= 2.0,
        });
        let last = &load.waking.last_ms;
        let longest = last.iter().copied().fold(0.0, f64::max);
        targets.push(Target {
            what: format!(
                "{} waiting machines hear, {database}, the last",
                count_of(load)
            ),
            promised: "≤ 250 ms",
            measured: format!("{} ms", number(longest)),
            is_met: longest <= 250.0,
        });
        let crowd = &load.crowd;
        let (check, news) = (crowd.waiting.latency.p99_ms, crowd.news.max_ms);
        targets.push(Target {
            what: format!(
                "the same, {database}, while {} people log in: check p99, and the last hears",
                crowd.waiting.people
            ),
            promised: "≤ 2 ms, ≤ 250 ms",
            measured: format!("{} ms, {} ms", fine(check), number(news)),
            is_met: check <= 2.0 && news <= 250.0,
        });
    }
    targets
}

fn count_of(load: &crate::registry_load::RegistryLoad) -> String {
    number(crate::statistics::real(load.waking.waiting))
}
