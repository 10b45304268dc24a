//! A whole proxy: several virtual machines over one store, with one clock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::callout::{Callout, CalloutAnswer};
use crate::log::LogLine;
use crate::plugin::StartError;
use crate::shared::{Shared, nanoseconds};
use crate::vm::Vm;

/// The virtual machines of one Envoy: one on the main thread, which serves no requests, and one
/// for each worker.
#[derive(Debug)]
pub struct Proxy {
    /// The main thread's machine.
    pub main: Vm,
    /// The workers' machines.
    pub workers: Vec<Vm>,
    shared: Shared,
    canary_logs: Vec<LogLine>,
}

// === impl Proxy ===

impl Proxy {
    pub(crate) fn start(
        workers: usize,
        shared: Shared,
        start: impl Fn() -> Result<Vm, StartError>,
    ) -> Result<Self, StartError> {
        // Envoy tries the configuration on a canary first; what it did to the store remains.
        let canary_logs = start()?.logs();
        Ok(Self {
            canary_logs,
            main: start()?,
            workers: (0..workers).map(|_| start()).collect::<Result<_, _>>()?,
            shared,
        })
    }

    /// Sets who answers callouts, whichever machine makes them.
    pub fn on_callout(&mut self, answerer: impl FnMut(&Callout) -> CalloutAnswer + Send + 'static) {
        let answerer = Arc::new(Mutex::new(answerer));
        for vm in self.machines() {
            vm.set_answerer(answerer.clone());
        }
    }

    /// Lets everything happen that is due now, in all machines.
    pub fn settle(&mut self) {
        while self.settle_round() {}
    }

    /// Lets virtual time pass: events of all machines come in the order they are due.
    pub fn advance(&mut self, time: Duration) {
        let target = self.shared.lock().now + nanoseconds(time);
        self.settle();
        while let Some(due) = self.next_due().filter(|due| *due <= target) {
            self.shared.set_clock(due);
            if !self.settle_round() {
                break;
            }
            self.settle();
        }
        self.shared.set_clock(target);
        self.settle();
    }

    /// Gives the plugin another configuration, as an update of Envoy's listener does: it is tried
    /// once, and then every machine takes it ([`Vm::update_configuration`]).
    pub fn update_configuration(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), StartError> {
        let bytes = bytes.as_ref();
        let mut logs = self.main.try_configuration(bytes)?;
        self.canary_logs.append(&mut logs);
        let mut machines = self.machines();
        machines.try_for_each(|vm| vm.take_configuration(bytes))
    }

    /// Returns the clock, data, queues and metrics of the proxy.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Returns what the filter logged on canaries.
    pub fn canary_logs(&self) -> &[LogLine] {
        &self.canary_logs
    }

    /// Gives each machine a turn; returns whether anything happened.
    fn settle_round(&mut self) -> bool {
        let busy = self
            .machines()
            .filter_map(|vm| vm.settle_some().then_some(()));
        busy.count() > 0
    }

    fn machines(&mut self) -> impl Iterator<Item = &mut Vm> {
        std::iter::once(&mut self.main).chain(&mut self.workers)
    }

    fn next_due(&self) -> Option<u64> {
        let machines = std::iter::once(&self.main).chain(&self.workers);
        machines.filter_map(Vm::next_due).min()
    }
}
