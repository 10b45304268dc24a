//! Host calls that fail because a test wants them to, counted and recorded.

use std::collections::BTreeMap;

use crate::abi::call::HostCall;
use crate::abi::status::Status;

/// The faults of a virtual machine and how often each host call was made.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    planned: BTreeMap<HostCall, Fault>,
    counts: BTreeMap<HostCall, usize>,
    record: Option<Vec<RecordedCall>>,
}

/// A host call that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedCall {
    /// The context it acted on.
    pub context: u32,
    /// The call.
    pub call: HostCall,
    /// What it returned.
    pub status: Status,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Always(Status),
    Once(Status),
}

impl Faults {
    pub(crate) fn recording() -> Self {
        Self {
            record: Some(Vec::new()),
            ..Self::default()
        }
    }

    pub(crate) fn record(&mut self, call: RecordedCall) {
        if let Some(record) = &mut self.record {
            record.push(call);
        }
    }

    pub(crate) fn recorded(&self) -> &[RecordedCall] {
        self.record.as_deref().unwrap_or_default()
    }

    /// Makes each following call return `status` without doing anything.
    pub(crate) fn always(&mut self, call: HostCall, status: Status) {
        self.planned.insert(call, Fault::Always(status));
    }

    /// Makes the next call return `status` without doing anything.
    pub(crate) fn once(&mut self, call: HostCall, status: Status) {
        self.planned.insert(call, Fault::Once(status));
    }

    /// Forgets every fault.
    pub(crate) fn clear(&mut self) {
        self.planned.clear();
    }

    /// Returns how often `call` was made, failed calls included.
    pub(crate) fn count(&self, call: HostCall) -> usize {
        self.counts.get(&call).copied().unwrap_or_default()
    }

    /// Counts a call and returns the failure planned for it.
    pub(crate) fn on_call(&mut self, call: HostCall) -> Option<Status> {
        *self.counts.entry(call).or_default() += 1;
        match *self.planned.get(&call)? {
            Fault::Always(status) => Some(status),
            Fault::Once(status) => {
                self.planned.remove(&call);
                Some(status)
            }
        }
    }
}
