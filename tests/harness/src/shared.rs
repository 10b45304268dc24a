//! What all virtual machines of one proxy share: clock, shared data, queues, metrics.

pub(crate) mod data;
pub(crate) mod metrics;
pub(crate) mod queue;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use data::SharedData;
use metrics::Metrics;
use queue::Queues;

/// 2023-11-14T22:13:20Z, when the virtual clock starts unless told otherwise.
const START: Duration = Duration::from_secs(1_700_000_000);

/// The store and the clock that several virtual machines share, as the workers of one Envoy do.
///
/// A virtual machine has one of its own unless [`Plugin::share`](crate::Plugin::share) gives it
/// another's. There is nothing global: two of these know nothing of each other.
#[derive(Clone, Debug)]
pub struct Shared(Arc<Mutex<Inner>>);

/// The contents, behind one lock as in Envoy.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) now: u64,
    pub(crate) data: SharedData,
    pub(crate) queues: Queues,
    pub(crate) metrics: Metrics,
    vms: u64,
}

impl Shared {
    /// Returns an empty store whose clock shows 2023-11-14T22:13:20Z.
    pub fn new() -> Self {
        Self::starting_at(START)
    }

    /// Returns an empty store whose clock shows this time since the Unix epoch.
    pub fn starting_at(since_epoch: Duration) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            now: nanoseconds(since_epoch),
            data: SharedData::default(),
            queues: Queues::default(),
            metrics: Metrics::default(),
            vms: 0,
        })))
    }

    /// Returns the virtual time since the Unix epoch.
    pub fn now(&self) -> Duration {
        Duration::from_nanos(self.lock().now)
    }

    /// Returns the value of a counter or gauge by its name.
    pub fn metric(&self, name: &str) -> Option<u64> {
        self.lock().metrics.value(name)
    }

    /// Returns what a histogram recorded, by its name.
    pub fn histogram(&self, name: &str) -> Vec<u64> {
        self.lock().metrics.recorded(name).to_vec()
    }

    /// Returns the names of all metrics defined so far.
    pub fn metric_names(&self) -> Vec<String> {
        self.lock().metrics.names().map(str::to_owned).collect()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere cannot leave these maps half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the clock on; it never goes back.
    pub(crate) fn set_clock(&self, time: u64) {
        let mut inner = self.lock();
        inner.now = inner.now.max(time);
    }

    pub(crate) fn next_vm(&self) -> u64 {
        let mut inner = self.lock();
        inner.vms += 1;
        inner.vms
    }
}

impl Default for Shared {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns a duration in nanoseconds, as the clock counts.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
