//! `bench`: measures Keystile side by side with what else there is, in one run.
//!
//! [`options`] says what and how thoroughly, [`run`] does it part by part, [`report`] tells. The
//! parts: [`start`], [`sides`], [`filling`] with its [`prober`], [`revocation`], [`first_uses`],
//! [`registry_load`] and [`hot`] functions. Below them: [`population`] is a registry with many [`keys`], [`gateways`] are
//! Envoys, [`wire`] is the client, [`accounting`] reads what processes used, [`statistics`] sums up.

mod accounting;
mod error;
mod filling;
mod first_uses;
mod gateways;
mod hot;
mod keys;
mod machine;
mod options;
mod population;
mod prober;
mod registry_load;
mod report;
mod revocation;
mod run;
mod sides;
mod start;
mod statistics;
mod wire;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser as _;

use options::Options;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let options = Options::parse();
    let outcome = run::run(&options)?;
    report::deliver(&outcome.results, options.write.as_deref())?;
    for failure in &outcome.failures {
        eprintln!("bench: not measured: {failure}");
    }
    Ok(if outcome.failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
