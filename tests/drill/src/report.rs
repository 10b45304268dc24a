//! The table at the end, for the terminal and for `target/drill/drill.md`.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;

use stage::places;

use crate::tally::{Results, Row, Tally};

/// How truth is defined, for whoever reads the table alone.
const NOTES: &str = "\
- Four Envoy workers, four clients that ask all the time (with lasting keys, keys that come and go, keys \
nobody has, none), one administrator who imports, deletes, approves and revokes all the time.
- **Truth** is a model that knows when each change was asked for and when the registry acknowledged it. \
A change may be in force once it is asked for, and must be for every request that begins a second after \
its acknowledgement (the promise). While a fault keeps gateways from hearing, what is acknowledged must \
be in force when every worker has been seen to follow the feed again, and at the latest six seconds after \
the fault's end; what was acknowledged a second before the fault is in force during it. When the fault \
has lasted for `max_stale_s`, nothing but 503 is right. A key ends by Envoy's clock, to a second.
- **Wrong allow**: 200 where the model knows no way to it, or the upstream was told another application. \
**Wrong deny**: 401 or 403 where the model knows no way to it. **Undecided**: 503 or no answer, where what \
is known was not too old; between faults it counts as a wrong deny, and during them only a gateway that \
begins anew, whose clock jumps ahead (in both directions: a step is taken back in the end), or that has \
heard nothing for long is excused.
- **Recovery**: from the fault's end until every worker accepts a key that was made since and refuses it \
after it was deleted; the longest of all times.
";

/// Prints the table, and keeps it.
pub(crate) fn deliver(results: &Results) -> Result<(), Box<dyn Error>> {
    let text = page(results)?;
    println!("{text}");
    let folder = places::repository("target/drill");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("drill.md"), text)?;
    Ok(())
}

fn page(results: &Results) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(
        text,
        "| fault | times | requests | changes | wrong allows | wrong denies | undecided | recovery |"
    )?;
    writeln!(
        text,
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )?;
    for (fault, row) in &results.rows {
        write_row(&mut text, fault.name(), row)?;
    }
    let calm = results.calm;
    writeln!(
        text,
        "| between faults | | {} | | {} | {} | {} | |",
        calm.requests, calm.wrong_allows, calm.wrong_denies, calm.undecided
    )?;
    writeln!(text)?;
    write!(text, "{NOTES}")?;
    if let Some(disk) = results.disk {
        writeln!(text, "- The disk: {disk}.")?;
    }
    let seconds = results.took.as_secs();
    writeln!(text, "- `--seed {}`, {seconds} seconds.", results.seed)?;
    for example in &results.examples {
        writeln!(text, "- {example}")?;
    }
    Ok(text)
}

fn write_row(text: &mut String, name: &str, row: &Row) -> std::fmt::Result {
    let Tally {
        requests,
        wrong_allows,
        wrong_denies,
        undecided,
    } = row.tally;
    let recovery = row.recovery.map_or("none".to_owned(), |recovery| {
        format!("{:.2} s", recovery.as_secs_f64())
    });
    writeln!(
        text,
        "| {name} | {} | {requests} | {} | {wrong_allows} | {wrong_denies} | {undecided} | {recovery} |",
        row.times, row.changes
    )
}
