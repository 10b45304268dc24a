//! `import-keys`: keys that clients have already, from a file to the admin API.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::path::Path;

use keystile_registry::clock::Clock;
use keystile_registry::declaration::client::{Client, ClientError};
use keystile_registry::import::read::{Read, read};
use keystile_registry::import::{Format, MOST_KEYS, Mistake, Row, Wanted, send};

use crate::arguments::Command;
use crate::progress::Progress;
use crate::{Outcome, say};

/// What stands for the standard input.
const STANDARD_INPUT: &str = "-";

/// How much is read at most: a gibibyte.
const MOST_BYTES: u64 = 1 << 30;

/// Why keys were not taken in.
#[derive(Debug, thiserror::Error)]
enum ImportError {
    #[error("cannot read `{0}`")]
    Unreadable(String, #[source] std::io::Error),
    #[error("`{0}` has more than a gibibyte: divide it")]
    TooLarge(String),
    #[error("what `{0}` is cannot be seen from its name: say it with --format")]
    UnknownFormat(String),
    #[error("{}\n{} of the lines are refused; no key was taken in", Lines(.0), .0.len())]
    Refused(Vec<Mistake>),
    /// What was taken in stays; the same again goes on from there.
    #[error("stopped: {0}; import the same file again to go on from there")]
    Stopped(Tally, #[source] ClientError),
    /// Somebody else changed something between the judgement and the deed.
    #[error("{}\nstopped: {tally}; these lines came to be refused meanwhile", Lines(.refused))]
    Changed { refused: Vec<Mistake>, tally: Tally },
}

/// Mistakes, a line for each.
struct Lines<'a>(&'a [Mistake]);

/// What became of the keys.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    added: usize,
    present: usize,
    refused: usize,
}

/// What to do about a line that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusals {
    /// Take in nothing at all.
    Stop,
    /// Take in the others.
    Skip,
}

impl fmt::Display for Lines<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        out.write_str(&lines.join("\n"))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            added,
            present,
            refused,
        } = self;
        write!(
            out,
            "{added} keys taken in, {present} there already, {refused} refused"
        )
    }
}

pub(crate) fn run(command: Command) -> Outcome {
    let Command::ImportKeys {
        remote,
        format,
        dry_run,
        skip_refused,
        file,
    } = command
    else {
        return Ok(());
    };
    let client = Client::new(remote.url, remote.token);
    let read = understood(&file, format)?;
    let refusals = if skip_refused {
        Refusals::Skip
    } else {
        Refusals::Stop
    };
    if dry_run || refusals == Refusals::Stop {
        let (tally, refused) = judge(&client, &read)?;
        if !refused.is_empty() && refusals == Refusals::Stop {
            return Err(ImportError::Refused(refused).into());
        }
        if dry_run {
            tell(&refused)?;
            return say(&format!("{tally} if it were done"));
        }
    }
    take_in(&client, read, refusals)
}

fn understood(file: &Path, format: Option<Format>) -> Result<Read, ImportError> {
    let name = file.display().to_string();
    let format = format.or_else(|| Format::of(file));
    let format = format.ok_or_else(|| ImportError::UnknownFormat(name.clone()))?;
    let mut bytes = Vec::new();
    let taken = if name == STANDARD_INPUT {
        std::io::stdin()
            .take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
    };
    taken.map_err(|error| ImportError::Unreadable(name.clone(), error))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ImportError::TooLarge(name));
    }
    Ok(read(&bytes, format, Clock::System.now()))
}

/// Has the registry judge every key, and returns what is refused, here or there, by its line.
fn judge(
    client: &Client,
    read: &Read,
) -> Result<(Tally, Vec<Mistake>), Box<dyn std::error::Error>> {
    let progress = Progress::begin_counting("checked", read.rows.len() as u64);
    let mut refused = read.mistakes.clone();
    let mut present = read.repeated;
    for rows in read.rows.chunks(MOST_KEYS) {
        let outcome = send(client, rows, Wanted::Judgement)?;
        present += outcome.present;
        refused.extend(outcome.divide(rows.to_vec()).1);
        progress.advance(rows.len() as u64)?;
    }
    progress.end();
    refused.sort_by_key(|mistake| mistake.line);
    let judged = read.rows.len() + read.repeated + read.mistakes.len();
    let tally = Tally {
        added: judged - present - refused.len(),
        present,
        refused: refused.len(),
    };
    Ok((tally, refused))
}

/// Takes the keys in, a write for each batch.
fn take_in(client: &Client, read: Read, refusals: Refusals) -> Outcome {
    let mut tally = Tally {
        added: 0,
        present: read.repeated,
        refused: 0,
    };
    let mut refused = read.mistakes;
    let progress = Progress::begin_counting("taken in", read.rows.len() as u64);
    for rows in read.rows.chunks(MOST_KEYS) {
        refused.extend(batch(client, (rows.to_vec(), refusals), &mut tally)?);
        progress.advance(rows.len() as u64)?;
    }
    progress.end();
    tally.refused = refused.len();
    tell(&refused)?;
    say(&tally.to_string())
}

/// Takes a batch in, perhaps without those of it that are refused; returns these.
fn batch(
    client: &Client,
    (mut rows, refusals): (Vec<Row>, Refusals),
    tally: &mut Tally,
) -> Result<Vec<Mistake>, ImportError> {
    let mut refused = Vec::new();
    while !rows.is_empty() {
        let outcome = send(client, &rows, Wanted::Keys);
        let outcome = outcome.map_err(|error| ImportError::Stopped(*tally, error))?;
        let (left, now_refused) = outcome.divide(rows);
        if now_refused.is_empty() {
            tally.added += outcome.added;
            tally.present += outcome.present;
            break;
        }
        if refusals == Refusals::Stop {
            return Err(ImportError::Changed {
                refused: now_refused,
                tally: *tally,
            });
        }
        rows = left;
        refused.extend(now_refused);
    }
    Ok(refused)
}

/// Names lines that are refused, on the standard error.
fn tell(refused: &[Mistake]) -> Outcome {
    if !refused.is_empty() {
        writeln!(std::io::stderr(), "{}", Lines(refused))?;
    }
    Ok(())
}
