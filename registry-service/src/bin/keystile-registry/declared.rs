//! `apply`, `export`, `schema`: a portal in a file.

use std::fmt;
use std::path::Path;

use keystile_registry::declaration::carry_out::Worker;
use keystile_registry::declaration::client::Client;
use keystile_registry::declaration::objects::Objects;
use keystile_registry::declaration::plan::{Prune, Step, plan};
use keystile_registry::declaration::{Declaration, present, read};

use crate::arguments::{Command, Remote};
use crate::progress::Progress;
use crate::{Outcome, say};

/// A dry run has found something to change, and said what.
#[derive(Debug, thiserror::Error)]
#[error("the registry is not as it is declared")]
pub(crate) struct Different;

/// A step failed; those before it were carried out.
#[derive(Debug)]
struct Stopped {
    step: String,
    done: usize,
    left: usize,
    source: Box<dyn std::error::Error>,
}

pub(crate) fn run(command: Command) -> Outcome {
    match command {
        Command::Apply {
            remote,
            dry_run,
            prune,
            file,
        } => {
            let prune = if prune { Prune::Declared } else { Prune::No };
            apply(remote, &file, (prune, dry_run))
        }
        Command::Export { remote, format } => {
            let present = present::read(&client(remote))?;
            say(present.declaration.write(format)?.trim_end())
        }
        _ => say(&serde_json::to_string_pretty(&Declaration::schema())?),
    }
}

fn apply(remote: Remote, file: &Path, (prune, is_dry): (Prune, bool)) -> Outcome {
    let declaration = read::read(file)?;
    let declared = Objects::of(&declaration);
    let client = client(remote);
    let present = present::read(&client)?;
    let steps = plan(&declared, &Objects::of(&present.declaration), prune);
    if steps.is_empty() {
        return say("nothing to change");
    }
    if is_dry {
        for step in &steps {
            say(&step.to_string())?;
        }
        say(&summary(&steps, "would be"))?;
        return Err(Different.into());
    }
    let mut worker = Worker {
        client: &client,
        ids: present.ids,
        declared: &declared,
    };
    carry_out(&mut worker, &steps)?;
    say(&summary(&steps, "were"))
}

fn carry_out(worker: &mut Worker<'_>, steps: &[Step]) -> Outcome {
    let progress = Progress::begin(steps.len() as u64);
    for (done, step) in steps.iter().enumerate() {
        let stopped = |source| Stopped {
            step: step.name.to_string(),
            done,
            left: steps.len() - done,
            source,
        };
        let outcome = worker.carry_out(step);
        outcome.map_err(|error| stopped(error.into()))?;
        progress.advance(1)?;
        progress.say(&step.to_string())?;
    }
    progress.end();
    Ok(())
}

fn client(remote: Remote) -> Client {
    Client::new(remote.url, remote.token)
}

fn summary(steps: &[Step], were: &str) -> String {
    use keystile_registry::declaration::plan::Deed;
    let count = |is: fn(&Deed) -> bool| steps.iter().filter(|step| is(&step.deed)).count();
    let added = count(|deed| matches!(deed, Deed::Add(_)));
    let changed = count(|deed| matches!(deed, Deed::Change(_)));
    let removed = count(|deed| matches!(deed, Deed::Remove));
    format!("{added} {were} added, {changed} changed, {removed} removed")
}

impl fmt::Display for Stopped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            step, done, left, ..
        } = self;
        write!(
            out,
            "stopped at {step}: {done} of the steps above were done, {left} not; apply it again when \
             the cause is gone"
        )
    }
}

impl std::error::Error for Stopped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref())
    }
}
