//! What is drilled, and for how long.

use std::time::Duration;

use clap::Parser;

use crate::fault::Fault;

/// Keeps four Envoy workers under load, injects faults, and compares every decision with what is true.
#[derive(Debug, Parser)]
#[command(name = "drill")]
pub(crate) struct Options {
    /// Each fault once and shortly: about two minutes.
    #[arg(long)]
    pub(crate) short: bool,
    /// Repeats the random choices of another drill.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Tries these faults alone.
    #[arg(long, value_delimiter = ',', value_enum, value_name = "FAULT,..")]
    pub(crate) only: Vec<Fault>,
    /// Falsifies the truth, to see that a drill fails of it.
    #[arg(long, hide = true)]
    pub(crate) lie: bool,
}

/// How thoroughly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// How often each fault happens.
    pub(crate) rounds: usize,
    /// How long a fault lasts, if it does not say otherwise.
    pub(crate) lasts: Duration,
    /// How long nothing may be wrong afterwards.
    pub(crate) calm: Duration,
}

// === impl Options ===

impl Options {
    /// Returns the faults that are tried.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        let all = <Fault as clap::ValueEnum>::value_variants().iter();
        let is_wanted = |fault: &&Fault| self.only.is_empty() || self.only.contains(fault);
        all.filter(is_wanted).copied().collect()
    }

    /// Returns how thoroughly.
    pub(crate) fn effort(&self) -> Effort {
        if self.short {
            Effort {
                rounds: 1,
                lasts: Duration::from_secs(2),
                calm: Duration::from_secs(1),
            }
        } else {
            Effort {
                rounds: 3,
                lasts: Duration::from_secs(5),
                calm: Duration::from_secs(2),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_tried_unless_some_are_named() {
        let all = Options::parse_from(["drill"]).faults();
        assert_eq!(all.len(), 13);
        let named = ["drill", "--only", "disk-full,registry-killed"];
        let some = Options::parse_from(named).faults();
        assert_eq!(some, [Fault::RegistryKilled, Fault::DiskFull]);
    }
}
