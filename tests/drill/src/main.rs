//! `drill`: four Envoy workers under load, faults, and a model of what is true.
//!
//! [`options`] says what is tried, [`ground`] is where, [`fault`] is what is done to it. Meanwhile the
//! [`crowd`] asks, with what it chooses from the [`population`], and the [`registrar`] changes what the
//! registry knows; both tell the [`truth`]. [`episode`] is one fault from its beginning to the calm after
//! it, [`run`] puts them one after the other, [`tally`] counts, [`report`] tells. [`chance`] is what a
//! seed repeats.

mod chance;
mod crowd;
mod episode;
mod fault;
mod ground;
mod options;
mod population;
mod registrar;
mod report;
mod run;
mod tally;
mod truth;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser as _;

use options::Options;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let options = Options::parse();
    let results = run::run(&options)?;
    report::deliver(&results)?;
    let failures = results.failures();
    for failure in &failures {
        eprintln!("drill: {failure}");
    }
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
