//! A running filter: the one thing a test talks to.

mod calling;
mod callouts;
mod clock;
mod delivery;
mod ending;
mod grpc;
mod instance;
mod reload;
mod roots;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::abi::call::HostCall;
use crate::abi::status::Status;
use crate::exchange::Exchange;
use crate::fault::RecordedCall;
use crate::log::LogLine;
use crate::module::Module;
use crate::outcome::{End, Outcome, Pause};
use crate::plugin::{Settings, StartError};
use crate::shared::Shared;
use crate::stream::Stream;
use callouts::Answerer;
use instance::Instance;

/// A virtual machine with one plugin in it, as one worker of Envoy has.
///
/// Nothing happens behind a test's back: [`settle`](Self::settle) delivers what is due now,
/// [`advance`](Self::advance) lets virtual time pass.
pub struct Vm {
    module: Module,
    settings: Settings,
    shared: Shared,
    instance: Instance,
    answerer: Option<Answerer>,
    exchanges: u64,
    finished: BTreeMap<u64, Outcome>,
    health: Health,
    started: u64,
    reloads: usize,
    earlier_logs: Vec<LogLine>,
}

/// Names an exchange that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExchangeId(u64);

/// Whether a virtual machine works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It does.
    Running,
    /// A callback trapped: the machine is never entered again.
    Failed {
        /// The export that was called.
        callback: &'static str,
        /// What WebAssembly says about it.
        reason: String,
    },
    /// It makes new work as fast as it is delivered, for instance a callout retried at once,
    /// for ever; [`Vm::settle`] gave up.
    Spinning,
}

// === impl Vm ===

impl Vm {
    pub(crate) fn start(
        module: &Module,
        settings: &Settings,
        shared: Shared,
    ) -> Result<Self, StartError> {
        let started = shared.lock().now;
        Ok(Self {
            instance: Instance::start(module, settings, &shared)?,
            module: module.clone(),
            settings: settings.clone(),
            shared,
            answerer: None,
            exchanges: 0,
            finished: BTreeMap::new(),
            health: Health::Running,
            started,
            reloads: 0,
            earlier_logs: Vec::new(),
        })
    }

    /// Begins an exchange without letting anything else happen: the filter sees as much of the
    /// request as it lets through.
    pub fn begin(&mut self, exchange: Exchange) -> ExchangeId {
        self.exchanges += 1;
        let number = self.exchanges;
        self.admit(number, exchange);
        ExchangeId(number)
    }

    /// Sends another piece of a body that [`Exchange::unfinished`] left open.
    pub fn send_body(&mut self, exchange: ExchangeId, piece: impl Into<Vec<u8>>) {
        let piece = piece.into();
        self.continue_request(exchange, |request| request.push(piece));
    }

    /// Ends a request that [`Exchange::unfinished`] left open.
    pub fn finish_request(&mut self, exchange: ExchangeId) {
        self.continue_request(exchange, crate::stream::half::Half::end);
    }

    /// Returns what has become of an exchange so far.
    pub fn outcome(&self, exchange: ExchangeId) -> Outcome {
        if let Some(outcome) = self.finished.get(&exchange.0) {
            return outcome.clone();
        }
        let context = self.context_of(exchange);
        let streams = &self.instance.state().streams;
        let stream = context.and_then(|context| streams.get(&context));
        stream.map_or_else(Outcome::unknown, |stream| {
            stream.outcome(self.unfinished_end(stream))
        })
    }

    /// Lets the client go away.
    pub fn disconnect(&mut self, exchange: ExchangeId) {
        if let Some(context) = self.context_of(exchange) {
            self.finish(context, End::Disconnected);
        }
    }

    /// Returns whether the machine works.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Returns how often the machine was started anew after a failure.
    pub fn reloads(&self) -> usize {
        self.reloads
    }

    /// Returns everything the filter logged.
    pub fn logs(&self) -> Vec<LogLine> {
        let current = self.instance.state().logs.iter();
        self.earlier_logs.iter().chain(current).cloned().collect()
    }

    /// Returns the value of a counter or gauge by its name, over all machines of the proxy.
    pub fn metric(&self, name: &str) -> Option<u64> {
        self.shared.metric(name)
    }

    /// Returns the clock, data, queues and metrics this machine shares.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Returns the virtual time since the Unix epoch.
    pub fn now(&self) -> Duration {
        self.shared.now()
    }

    /// Makes every following call of this kind fail without doing anything.
    pub fn fault(&mut self, call: HostCall, status: Status) {
        self.instance.state_mut().faults.always(call, status);
    }

    /// Makes the next call of this kind fail without doing anything.
    pub fn fault_once(&mut self, call: HostCall, status: Status) {
        self.instance.state_mut().faults.once(call, status);
    }

    /// Ends all planned failures.
    pub fn clear_faults(&mut self) {
        self.instance.state_mut().faults.clear();
    }

    /// Calls a callback no more, by the name it is exported under.
    pub fn skip_callback(&mut self, export: &str) {
        self.instance.skip_callback(export);
    }

    /// Returns how often the filter made this host call since the machine started.
    pub fn host_calls(&self, call: HostCall) -> usize {
        self.instance.state().faults.count(call)
    }

    /// Returns every host call in order, if [`Plugin::record_host_calls`] asked for it.
    ///
    /// [`Plugin::record_host_calls`]: crate::Plugin::record_host_calls
    pub fn recorded_calls(&self) -> &[RecordedCall] {
        self.instance.state().faults.recorded()
    }

    /// Returns the bytes of memory the module has.
    pub fn memory_size(&self) -> usize {
        self.instance.memory_size()
    }

    fn context_of(&self, exchange: ExchangeId) -> Option<u32> {
        let mut streams = self.instance.state().streams.iter();
        let found = streams.find(|(_, stream)| stream.exchange == exchange.0);
        found.map(|(context, _)| *context)
    }

    fn unfinished_end(&self, stream: &Stream) -> End {
        let pause = stream.pause();
        if pause == Pause::Client || self.has_work_under_way() {
            End::Waiting(pause)
        } else {
            End::Hung(pause)
        }
    }
}

impl std::fmt::Debug for Vm {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Vm")
            .field("settings", &self.settings)
            .field("health", &self.health)
            .finish_non_exhaustive()
    }
}
