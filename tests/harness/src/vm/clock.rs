//! Letting things happen: what is due now, and what comes with time.

use std::time::Duration;

use crate::abi::callback::Callback;
use crate::callout::PendingCallout;
use crate::shared::nanoseconds;
use crate::vm::{Health, Vm};

/// How many deliveries without time passing count as spinning.
const MOST_DELIVERIES: usize = 10_000;

impl Vm {
    /// Lets everything happen that is due now: queue notices, new callouts, their answers,
    /// ticks. Time stands still.
    pub fn settle(&mut self) {
        self.settle_some();
    }

    /// Lets virtual time pass: ticks, answers and timeouts come in the order they are due.
    ///
    /// The clock is that of all machines that share it, but only this one's events happen;
    /// [`Proxy::advance`](crate::Proxy::advance) moves all.
    pub fn advance(&mut self, time: Duration) {
        let target = self.shared.lock().now + nanoseconds(time);
        self.settle();
        while let Some(due) = self.next_due().filter(|due| *due <= target) {
            self.shared.set_clock(due);
            self.settle();
            if self.health == Health::Spinning {
                break;
            }
        }
        self.shared.set_clock(target);
        self.settle();
    }

    /// Does what `settle` does and returns whether anything happened.
    pub(crate) fn settle_some(&mut self) -> bool {
        for delivered in 0..MOST_DELIVERIES {
            if !self.deliver_one() {
                return delivered > 0;
            }
        }
        if self.health == Health::Running {
            self.health = Health::Spinning;
        }
        false
    }

    /// Returns when the next thing happens by itself.
    pub(crate) fn next_due(&self) -> Option<u64> {
        if self.has_failed() {
            return None;
        }
        let state = self.instance.state();
        let ticks = state.roots.values().filter_map(|root| root.tick);
        let callouts = state.callouts.values().filter_map(PendingCallout::due);
        let grpc = state.grpc_calls.values().filter_map(|call| call.deadline);
        let all = ticks.map(|tick| tick.due).chain(callouts).chain(grpc);
        all.min()
    }

    /// Returns whether anything is under way that may lead to a callback.
    pub(super) fn has_work_under_way(&self) -> bool {
        let state = self.instance.state();
        let ticks = state.roots.values().any(|root| root.tick.is_some());
        let calls = !state.callouts.is_empty() || !state.grpc_calls.is_empty();
        !self.has_failed() && (ticks || calls || !state.grpc_streams.is_empty())
    }

    fn deliver_one(&mut self) -> bool {
        !self.has_failed()
            && (self.deliver_notice()
                || self.offer_callout()
                || self.deliver_answer()
                || self.deliver_grpc_timeout()
                || self.deliver_tick())
    }

    fn deliver_notice(&mut self) -> bool {
        let vm = self.instance.state().vm;
        let notice = self.shared.lock().queues.next_notice(vm);
        let Some(notice) = notice else {
            return false;
        };
        if self.instance.state().roots.contains_key(&notice.root) {
            self.call(Callback::QueueReady, notice.root, &[notice.queue]);
        }
        true
    }

    fn deliver_tick(&mut self) -> bool {
        let now = self.shared.lock().now;
        let roots = self.instance.state().roots.iter();
        let due = roots.filter_map(|(root, entry)| {
            let tick = entry.tick.filter(|tick| tick.due <= now)?;
            Some((tick.due, *root))
        });
        let Some((_, root)) = due.min() else {
            return false;
        };
        self.call(Callback::Tick, root, &[]);
        let entry = self.instance.state_mut().roots.get_mut(&root);
        if let Some(tick) = entry.and_then(|entry| entry.tick.as_mut()) {
            // Envoy arms the timer again after the callback.
            tick.due = now + tick.period;
        }
        true
    }
}
