//! `conformance FILE [--host wasm|envoy] [--concurrency N]`: runs a file of behaviour cases.
//!
//! Read in this order: [`case`] is what a file holds, [`records`] puts a case's fixtures into a
//! registry, [`host`] is what runs the filter, [`run`] takes a case's steps, [`judge`] compares what
//! was seen with what is expected.

mod case;
mod host;
mod judge;
mod matcher;
mod records;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use cases::case_file;
use cases::tally::{Mismatch, Tally};
use tokio::runtime::{Handle, Runtime};

use case::Case;
use host::envoy::EnvoyHost;
use host::wasm::WasmHost;
use host::{Host, HostError};

const USAGE: &str = "usage: conformance FILE [--host wasm|envoy] [--concurrency N]";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Arguments {
    file: PathBuf,
    host: HostName,
    workers: usize,
}

/// Where the cases run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HostName {
    Envoy,
    Wasm,
}

fn main() -> ExitCode {
    let Some(arguments) = Arguments::parse(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    run_file(&arguments).unwrap_or_else(|error| {
        eprintln!("conformance: {error}");
        println!("0 passed, 1 failed");
        ExitCode::FAILURE
    })
}

fn run_file(arguments: &Arguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let cases = case_file::read::<Case>(&arguments.file, "cases")?;
    let runtime = Runtime::new()?;
    let mut host = arguments.open(runtime.handle())?;
    let mut tally = Tally::default();
    for item in cases {
        let mismatches = match &item.content {
            Ok(case) => run::run(case, host.as_mut(), runtime.handle()),
            Err(reason) => vec![Mismatch::new("case", "one that is understood", reason)],
        };
        tally.count(&item.id, &mismatches);
    }
    drop(host);
    Ok(tally.finish())
}

// === impl Arguments ===

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let (mut file, mut host, mut workers) = (None, HostName::Envoy, 1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--host" => {
                    host = match words.next()?.as_str() {
                        "envoy" => HostName::Envoy,
                        "wasm" => HostName::Wasm,
                        _ => return None,
                    }
                }
                "--concurrency" => workers = words.next()?.parse().ok().filter(|n| *n > 0)?,
                word if word.starts_with('-') || file.is_some() => return None,
                word => file = Some(PathBuf::from(word)),
            }
        }
        Some(Self {
            file: file?,
            host,
            workers,
        })
    }

    fn open(&self, handle: &Handle) -> Result<Box<dyn Host>, HostError> {
        Ok(match self.host {
            HostName::Envoy => Box::new(EnvoyHost::new(handle.clone(), self.workers)?),
            HostName::Wasm => Box::new(WasmHost::new(handle.clone())?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<Arguments> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_file_runs_through_envoy_unless_told_otherwise() {
        let arguments = parse("cases.json").unwrap();
        assert_eq!(arguments.host, HostName::Envoy);
        assert_eq!(arguments.workers, 1);
        let arguments = parse("--host wasm cases.json --concurrency 4").unwrap();
        assert_eq!(arguments.host, HostName::Wasm);
        assert_eq!(arguments.workers, 4);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in ["", "a b", "a --host nginx", "a --concurrency 0", "a --skip"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
