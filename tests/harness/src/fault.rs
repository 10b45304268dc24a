//! Host calls that fail because a test wants them to.

use std::collections::BTreeMap;

use crate::abi::call::HostCall;
use crate::abi::status::Status;

/// The faults of a virtual machine and how often each host call was made.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    planned: BTreeMap<HostCall, Fault>,
    counts: BTreeMap<HostCall, usize>,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Always(Status),
    Once(Status),
}

impl Faults {
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
