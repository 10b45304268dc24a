//! Runs a case: loads its fixtures, takes its steps, and lists what is not as expected.

use std::time::Duration;

use cases::tally::Mismatch;
use tokio::runtime::Handle;

use crate::case::Case;
use crate::case::step::{Action, Step};
use crate::host::{Host, HostError};
use crate::judge::{Terms, judge};
use crate::records::{RecordError, Records};

/// Why a case cannot run to its end.
#[derive(Debug, thiserror::Error)]
enum RunError {
    /// The host does not do its part.
    #[error("{0}")]
    Host(#[from] HostError),
    /// The registry does not hold what the case asks for.
    #[error("{0}")]
    Records(#[from] RecordError),
}

/// A case under way.
struct Run<'a> {
    host: &'a mut dyn Host,
    handle: &'a Handle,
    records: Records,
}

/// Runs a case and lists what is not as expected.
pub(crate) fn run(case: &Case, host: &mut dyn Host, handle: &Handle) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    let outcome = begin(case, host, handle).and_then(|mut run| {
        for (index, step) in case.steps.iter().enumerate() {
            let found = run.take(step)?;
            mismatches.extend(found.into_iter().map(|found| numbered(case, index, found)));
        }
        mismatches.extend(run.host.end()?);
        Ok(())
    });
    if let Err(error) = outcome {
        mismatches.push(Mismatch::new("case", "one that runs", error));
    }
    mismatches
}

fn begin<'a>(case: &Case, host: &'a mut dyn Host, handle: &'a Handle) -> Result<Run<'a>, RunError> {
    let registry = host.empty_registry()?;
    let records = handle.block_on(Records::load(&registry, case))?;
    if case.fixtures.datastore_down {
        host.hide(registry)?;
    } else {
        host.show(registry)?;
    }
    Ok(Run {
        host,
        handle,
        records,
    })
}

/// Says which step it was, if there are several.
fn numbered(case: &Case, index: usize, mismatch: Mismatch) -> Mismatch {
    if case.steps.len() == 1 {
        return mismatch;
    }
    Mismatch {
        member: format!("steps[{index}].{}", mismatch.member),
        ..mismatch
    }
}

// === impl Run ===

impl Run<'_> {
    fn take(&mut self, step: &Step) -> Result<Vec<Mismatch>, RunError> {
        match step {
            Step::Exchange { request, expect } => {
                let seen = self.host.exchange(request)?;
                let terms = Terms {
                    ids: &self.records.ids(),
                    encoding: request.encoding,
                };
                Ok(judge(expect, &seen, terms))
            }
            Step::Action(action) => self.act(action).map(|()| Vec::new()),
        }
    }

    fn act(&mut self, action: &Action) -> Result<(), RunError> {
        match action {
            Action::DatastoreDown {} => self.host.cut_off()?,
            Action::WaitSeconds { seconds } => {
                let time = Duration::try_from_secs_f64(*seconds).unwrap_or_default();
                self.host.pass(time)?;
            }
            Action::WaitPropagation {} => self.host.propagate()?,
            change => {
                let registry = self.host.registry()?;
                self.handle.block_on(self.records.act(registry, change))?;
            }
        }
        Ok(())
    }
}
