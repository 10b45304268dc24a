//! What is measured, and how thoroughly.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Measures Keystile side by side with what else there is, in one run.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Options {
    /// A look in a few minutes: fewer rounds, trials and keys. Its figures are no evidence.
    #[arg(long)]
    pub(crate) quick: bool,
    /// How many keys the gateways hold, from few to many.
    #[arg(long, value_delimiter = ',', value_name = "N,..")]
    pub(crate) keys: Vec<u64>,
    /// Measures these parts alone.
    #[arg(long, value_delimiter = ',', value_enum, value_name = "PART,..")]
    pub(crate) only: Vec<Part>,
    /// Measures other builds of the filter beside this one, with the same requests.
    #[arg(long, value_delimiter = ',', value_name = "FILE,..")]
    pub(crate) beside: Vec<PathBuf>,
    /// Puts the tables into a page, between its markers, and the picture beside it.
    #[arg(long, value_name = "PAGE")]
    pub(crate) write: Option<PathBuf>,
}

/// A part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// How long an Envoy takes to start, and a virtual machine.
    Start,
    /// What a request costs, side by side.
    Sides,
    /// How long filling a table takes, what it needs, and whom it holds up.
    Filling,
    /// How soon a deleted key is refused everywhere.
    Revocation,
    /// Many first uses of one key at once.
    FirstUses,
    /// What the registry answers, on both databases.
    Registry,
    /// What hot functions take, each by itself.
    Functions,
}

/// How thoroughly.
#[derive(Debug, Clone)]
pub(crate) struct Effort {
    /// How many keys the gateways hold, from few to many.
    pub(crate) keys: Vec<u64>,
    /// How many requests a side gets in a round.
    pub(crate) requests: usize,
    /// How many rounds there are.
    pub(crate) rounds: usize,
    /// How many times an Envoy is started.
    pub(crate) starts: usize,
    /// How many keys are deleted, idle and under load each.
    pub(crate) revocations: usize,
    /// For how many seconds the registry is asked the same kind of question.
    pub(crate) seconds: u32,
    /// How many keys the registry holds when it is asked.
    pub(crate) registry_keys: u64,
}

// === impl Options ===

impl Options {
    /// Whether a part is to be measured.
    pub(crate) fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// Returns how thoroughly.
    pub(crate) fn effort(&self) -> Effort {
        let mut effort = if self.quick {
            Effort::quick()
        } else {
            Effort::full()
        };
        if !self.keys.is_empty() {
            effort.keys.clone_from(&self.keys);
            effort.keys.sort_unstable();
        }
        effort
    }
}

// === impl Effort ===

impl Effort {
    fn full() -> Self {
        Self {
            keys: vec![100, 100_000, 1_000_000],
            requests: 15_000,
            rounds: 7,
            starts: 5,
            revocations: 1_000,
            seconds: 10,
            registry_keys: 100_000,
        }
    }

    fn quick() -> Self {
        Self {
            keys: vec![100, 10_000],
            requests: 4_000,
            rounds: 3,
            starts: 2,
            revocations: 50,
            seconds: 2,
            registry_keys: 10_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_measured_unless_parts_are_named() {
        let all = Options::parse_from(["bench"]);
        assert!(all.wants(Part::Sides) && all.wants(Part::Registry));
        let some = Options::parse_from(["bench", "--only", "first-uses,start"]);
        assert!(some.wants(Part::FirstUses) && !some.wants(Part::Sides));
    }

    #[test]
    fn keys_are_taken_from_few_to_many() {
        let options = Options::parse_from(["bench", "--quick", "--keys", "500,100"]);
        assert_eq!(options.effort().keys, [100, 500]);
    }
}
