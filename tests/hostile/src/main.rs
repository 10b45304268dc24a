//! `hostile FILE [--concurrency 1|4]`: sends a file of hostile requests at Envoy with the filter.
//!
//! Read in this order: [`request`] is what a file holds, [`placeholder`] expands it, [`scene`] is what
//! it is sent at, [`run`] sends it, by [`h2`] if it is HTTP/2; [`verdict`] and [`hidden`] judge what
//! came of it, [`log`] is where keys must not be.

mod h2;
mod hidden;
mod log;
mod placeholder;
mod request;
mod run;
mod scene;
mod verdict;

use std::path::PathBuf;
use std::process::ExitCode;

use cases::case_file::{self, Item};
use cases::tally::{Mismatch, Tally};
use tokio::runtime::{Handle, Runtime};

use log::RegistryLog;
use request::HostileRequest;
use run::Pass;
use scene::{Scene, SceneError};

const USAGE: &str = "usage: hostile FILE [--concurrency N]";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Arguments {
    file: PathBuf,
    /// With how many workers, one run for each.
    workers: Vec<usize>,
}

/// One run over all requests.
struct Campaign<'a> {
    requests: &'a [Item<HostileRequest>],
    mismatches: Vec<Vec<Mismatch>>,
    sent: usize,
}

fn main() -> ExitCode {
    let Some(arguments) = Arguments::parse(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    run_file(&arguments).unwrap_or_else(|error| {
        eprintln!("hostile: {error}");
        println!("0 passed, 1 failed");
        ExitCode::FAILURE
    })
}

fn run_file(arguments: &Arguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let requests = case_file::read::<HostileRequest>(&arguments.file, "requests")?;
    let runtime = Runtime::new()?;
    let registry_log = RegistryLog::catch();
    let mut tally = Tally::default();
    for workers in &arguments.workers {
        let campaign = Campaign::new(&requests);
        campaign.run((runtime.handle(), *workers), &registry_log, &mut tally)?;
    }
    Ok(tally.finish())
}

// === impl Arguments ===

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let (mut file, mut workers) = (None, vec![1, 4]);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--concurrency" => {
                    workers = vec![words.next()?.parse().ok().filter(|count| *count > 0)?];
                }
                word if word.starts_with('-') || file.is_some() => return None,
                word => file = Some(PathBuf::from(word)),
            }
        }
        Some(Self {
            file: file?,
            workers,
        })
    }
}

// === impl Campaign ===

impl<'a> Campaign<'a> {
    fn new(requests: &'a [Item<HostileRequest>]) -> Self {
        Self {
            requests,
            mismatches: requests.iter().map(|_| Vec::new()).collect(),
            sent: 0,
        }
    }

    fn run(
        mut self,
        (handle, workers): (&Handle, usize),
        registry_log: &RegistryLog,
        tally: &mut Tally,
    ) -> Result<(), SceneError> {
        let mut scene = Scene::open(handle, workers)?;
        self.send_all(&mut scene, Pass::Plain);
        scene.hide_credentials()?;
        self.send_all(&mut scene, Pass::Hidden);
        for (item, mismatches) in self.requests.iter().zip(&self.mismatches) {
            tally.count(&format!("{} ({workers} workers)", item.id), mismatches);
        }
        let left_behind = scene.end(registry_log)?;
        if !left_behind.is_empty() {
            tally.count(&format!("whole run ({workers} workers)"), &left_behind);
        }
        Ok(())
    }

    fn send_all(&mut self, scene: &mut Scene, pass: Pass) {
        for (item, mismatches) in self.requests.iter().zip(&mut self.mismatches) {
            match (&item.content, pass) {
                (Ok(request), Pass::Hidden) if request.hidden.is_none() => {}
                (Ok(request), _) => {
                    self.sent += 1;
                    let found = run::run(scene, request, (pass, self.sent));
                    mismatches.extend(found.into_iter().map(|one| in_pass(one, pass)));
                }
                (Err(reason), Pass::Plain) => {
                    let mismatch = Mismatch::new("request", "one that is understood", reason);
                    mismatches.push(mismatch);
                }
                (Err(_), Pass::Hidden) => {}
            }
        }
    }
}

fn in_pass(mismatch: Mismatch, pass: Pass) -> Mismatch {
    match pass {
        Pass::Plain => mismatch,
        Pass::Hidden => Mismatch {
            member: format!("hide_credentials: {}", mismatch.member),
            ..mismatch
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<Arguments> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn one_and_four_workers_unless_told_otherwise() {
        assert_eq!(parse("a.json").unwrap().workers, [1, 4]);
        assert_eq!(parse("--concurrency 4 a.json").unwrap().workers, [4]);
        for line in ["", "a b", "a --concurrency 0", "a --odd"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
