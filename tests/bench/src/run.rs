//! One part after the other. A part that fails is missing from the report, and the others go on.

use stage::registry::Database;
use tokio::runtime::Handle;

use crate::error::BenchError;
use crate::machine::Machine;
use crate::options::{Effort, Options, Part};
use crate::population::Population;
use crate::report::Results;
use crate::{filling, first_uses, hot, registry_load, revocation, sides, start};

/// The first application's keys, some to begin with, and those that others ask with.
const SPARE_KEYS: u64 = 100;

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// What was measured.
    pub(crate) results: Results,
    /// What was not, and why.
    pub(crate) failures: Vec<String>,
}

/// Measures what is asked for.
pub(crate) fn run(options: &Options) -> Result<Outcome, BenchError> {
    // The client is one thread, so that it leaves the other cores to what it measures.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let mut outcome = Outcome {
        results: Results {
            is_quick: options.quick,
            ..Results::on(Machine::look())
        },
        failures: Vec::new(),
    };
    let effort = options.effort();
    outcome.start(options, &effort);
    outcome.many_keys(runtime.handle(), options, &effort);
    outcome.some_keys(runtime.handle(), options, &effort);
    outcome.registry(runtime.handle(), options, &effort);
    outcome.functions(options);
    Ok(outcome)
}

// === impl Outcome ===

impl Outcome {
    /// Takes a result, or notes why there is none.
    fn take<T>(&mut self, what: &str, result: Result<T, BenchError>) -> Option<T> {
        result
            .map_err(|error| self.failures.push(format!("{what}: {error}")))
            .ok()
    }

    fn start(&mut self, options: &Options, effort: &Effort) {
        if options.wants(Part::Start) {
            eprintln!("bench: starts");
            let result = start::measure(effort.starts);
            self.results.starting = self.take("starts", result);
        }
    }

    /// What depends on how many keys there are.
    fn many_keys(&mut self, runtime: &Handle, options: &Options, effort: &Effort) {
        if !options.wants(Part::Sides) && !options.wants(Part::Filling) {
            return;
        }
        let raise = |keys: &u64| {
            eprintln!("bench: a registry with {keys} keys");
            Population::raise(runtime, &Database::Sqlite, *keys)
        };
        let raised = effort.keys.iter().map(raise).collect();
        let Some(mut populations) = self.take::<Vec<Population>>("registries", raised) else {
            return;
        };
        if options.wants(Part::Sides) {
            eprintln!("bench: the sides line up");
            let result = side_by_side(runtime, &populations, (options, effort));
            self.results.sides = self.take("side by side", result).unwrap_or_default();
        }
        if options.wants(Part::Filling)
            && let Some(most) = populations.last_mut()
        {
            eprintln!("bench: filling");
            let result = filling::measure(runtime, most);
            self.results.filling = self.take("filling", result);
        }
    }

    fn some_keys(&mut self, runtime: &Handle, options: &Options, effort: &Effort) {
        if !options.wants(Part::Revocation) && !options.wants(Part::FirstUses) {
            return;
        }
        let deleted = u64::try_from(effort.revocations).unwrap_or_default() * 2;
        let raised = Population::raise(runtime, &Database::Sqlite, deleted + SPARE_KEYS);
        let Some(population) = self.take("a registry", raised) else {
            return;
        };
        if options.wants(Part::FirstUses) {
            eprintln!("bench: first uses");
            for workers in [1, 4] {
                let result = first_uses::measure(runtime, &population, workers);
                let uses = self.take("first uses", result);
                self.results.first_uses.extend(uses);
            }
        }
        if options.wants(Part::Revocation) {
            eprintln!("bench: revocation");
            let result = revocation::measure(runtime, &population, effort.revocations);
            self.results.revocation = self.take("revocation", result);
        }
    }

    fn registry(&mut self, runtime: &Handle, options: &Options, effort: &Effort) {
        if options.wants(Part::Registry) {
            let result = registry_load::measure(runtime, effort);
            self.results.registry = self.take("the registry", result).unwrap_or_default();
        }
    }

    fn functions(&mut self, options: &Options) {
        if options.wants(Part::Functions) {
            eprintln!("bench: hot functions");
            self.results.functions = self
                .take("hot functions", hot::measure())
                .unwrap_or_default();
        }
    }
}

fn side_by_side(
    runtime: &Handle,
    populations: &[Population],
    (options, effort): (&Options, &Effort),
) -> Result<Vec<sides::SideResult>, BenchError> {
    let sides = sides::line_up(runtime, populations, &options.beside)?;
    sides::measure(runtime, &sides, effort)
}
