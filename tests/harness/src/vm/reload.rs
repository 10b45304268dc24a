//! Starting anew after a failure, as Envoy does with `FAIL_RELOAD`.

use crate::outcome::End;
use crate::plugin::FailurePolicy;
use crate::shared::nanoseconds;
use crate::vm::instance::Instance;
use crate::vm::{Health, Vm};

impl Vm {
    /// Replaces a failed machine if the policy says so and the back-off has passed. Only a
    /// request does that: a failed machine without requests stays failed.
    pub(super) fn reload_if_due(&mut self) {
        let FailurePolicy::Reload { backoff } = self.settings.failure_policy else {
            return;
        };
        let now = self.shared.lock().now;
        if !self.has_failed() || now < self.started + nanoseconds(backoff) {
            return;
        }
        self.started = now;
        let Ok(instance) = Instance::start(&self.module, &self.settings, &self.shared) else {
            return;
        };
        self.abandon_streams();
        let logs = &mut self.instance.state_mut().logs;
        self.earlier_logs.append(logs);
        self.instance = instance;
        self.health = Health::Running;
        self.reloads += 1;
    }

    /// Settles what the failed machine still held: nothing will resume it.
    fn abandon_streams(&mut self) {
        let streams = std::mem::take(&mut self.instance.state_mut().streams);
        for stream in streams.into_values() {
            let end = End::Hung(stream.pause());
            self.finished.insert(stream.exchange, stream.outcome(end));
        }
    }
}
