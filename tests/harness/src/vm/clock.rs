//! Letting things happen: what is due now, and what comes with time.

use std::time::Duration;

use crate::abi::callback::Callback;
use crate::callout::{CalloutAnswer, PendingCallout, Progress, reset_response, timeout_response};
use crate::message::Response;
use crate::shared::nanoseconds;
use crate::vm::{Health, Vm};

/// How many deliveries without time passing count as spinning.
const MOST_DELIVERIES: usize = 10_000;

/// The numbers of a failed callout (cpp-host `WasmResult::BrokenConnection`).
const BROKEN_CONNECTION: u32 = 11;

impl Vm {
    /// Lets everything happen that is due now: queue notices, new callouts, their answers,
    /// ticks. Time stands still.
    pub fn settle(&mut self) {
        for _ in 0..MOST_DELIVERIES {
            if !self.deliver_one() {
                return;
            }
        }
        if self.health == Health::Running {
            self.health = Health::Spinning;
        }
    }

    /// Lets virtual time pass: ticks, answers and timeouts come in the order they are due.
    pub fn advance(&mut self, time: Duration) {
        let target = self.shared.lock().now + nanoseconds(time);
        self.settle();
        while let Some(due) = self.next_due().filter(|due| *due <= target) {
            self.set_clock(due);
            self.settle();
            if self.health == Health::Spinning {
                break;
            }
        }
        self.set_clock(target);
        self.settle();
    }

    /// Returns whether anything is under way that may lead to a callback.
    pub(super) fn has_work_under_way(&self) -> bool {
        let state = self.instance.state();
        let ticks = state.roots.values().any(|root| root.tick.is_some());
        !self.has_failed() && (ticks || !state.callouts.is_empty())
    }

    /// Decides a callout's fate; returns whether there is one to decide.
    pub(super) fn schedule(&mut self, token: u32, answer: CalloutAnswer) -> bool {
        let now = self.shared.lock().now;
        let Some(pending) = self.instance.state_mut().callouts.get_mut(&token) else {
            return false;
        };
        if pending.is_unanswered() {
            pending.progress = progress(now, answer);
            return true;
        }
        false
    }

    fn set_clock(&self, time: u64) {
        let mut shared = self.shared.lock();
        shared.now = shared.now.max(time);
    }

    fn next_due(&self) -> Option<u64> {
        if self.has_failed() {
            return None;
        }
        let state = self.instance.state();
        let ticks = state.roots.values().filter_map(|root| root.tick);
        let callouts = state.callouts.values().filter_map(PendingCallout::due);
        ticks.map(|tick| tick.due).chain(callouts).min()
    }

    fn deliver_one(&mut self) -> bool {
        !self.has_failed()
            && (self.deliver_notice()
                || self.offer_callout()
                || self.deliver_answer()
                || self.deliver_tick())
    }

    fn deliver_notice(&mut self) -> bool {
        let vm = self.instance.state().vm;
        let notice = self.shared.lock().queues.next_notice(vm);
        let Some(notice) = notice else {
            return false;
        };
        self.call(Callback::QueueReady, notice.root, &[notice.queue]);
        self.run_deferred();
        true
    }

    fn offer_callout(&mut self) -> bool {
        let callouts = &mut self.instance.state_mut().callouts;
        let fresh = callouts
            .values_mut()
            .find(|pending| matches!(pending.progress, Progress::Fresh));
        let Some(pending) = fresh else {
            return false;
        };
        pending.progress = Progress::Open;
        let callout = pending.callout.clone();
        if let Some(answerer) = &mut self.answerer {
            let answer = answerer(&callout);
            self.schedule(callout.token, answer);
        }
        true
    }

    fn deliver_answer(&mut self) -> bool {
        let now = self.shared.lock().now;
        let state = self.instance.state_mut();
        let due = state.callouts.iter().filter_map(|(token, pending)| {
            let due = pending.due().filter(|due| *due <= now)?;
            Some((due, *token))
        });
        let Some((_, token)) = due.min() else {
            return false;
        };
        let Some(pending) = state.callouts.remove(&token) else {
            return false;
        };
        let root = pending.root;
        self.deliver_response(root, token, pending.response(now));
        true
    }

    fn deliver_response(&mut self, root: u32, token: u32, response: Option<Response>) {
        let counts = response.as_ref().map_or([0; 3], |response| {
            let trailers = response.trailers.as_ref();
            [
                response.headers.len(),
                response.body.len(),
                trailers.map_or(0, crate::Headers::len),
            ]
        });
        let [headers, body, trailers] =
            counts.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            if response.is_none() {
                entry.status = (BROKEN_CONNECTION, "reset".to_owned());
            }
            entry.call_response = response;
        }
        self.call(
            Callback::HttpCallResponse,
            root,
            &[token, headers, body, trailers],
        );
        // Actions come first: a callout's response stays readable until they are done.
        self.run_deferred();
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            entry.call_response = None;
            entry.status.1.clear();
        }
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
        self.run_deferred();
        let entry = self.instance.state_mut().roots.get_mut(&root);
        if let Some(tick) = entry.and_then(|entry| entry.tick.as_mut()) {
            // Envoy arms the timer again after the callback.
            tick.due = now + tick.period;
        }
        true
    }
}

// === impl PendingCallout ===

impl PendingCallout {
    pub(super) fn is_unanswered(&self) -> bool {
        !matches!(self.progress, Progress::Due(..))
    }

    pub(super) fn offer_again(&mut self) {
        if matches!(self.progress, Progress::Open) {
            self.progress = Progress::Fresh;
        }
    }

    /// Returns when the filter hears of it, as far as that is known.
    fn due(&self) -> Option<u64> {
        match (&self.progress, self.deadline) {
            (Progress::Due(due, _), Some(deadline)) => Some(*due.min(&deadline)),
            (Progress::Due(due, _), None) => Some(*due),
            (Progress::Fresh | Progress::Open, deadline) => deadline,
        }
    }

    /// Returns what the filter hears at this time: the answer, or what the timeout makes up.
    fn response(self, now: u64) -> Option<Response> {
        let deadline = self.deadline;
        match self.progress {
            Progress::Due(due, response) if deadline.is_none_or(|deadline| due <= deadline) => {
                response
            }
            _ => {
                debug_assert!(deadline.is_some_and(|deadline| deadline <= now));
                Some(timeout_response())
            }
        }
    }
}

fn progress(now: u64, answer: CalloutAnswer) -> Progress {
    match answer {
        CalloutAnswer::Response(response) => Progress::Due(now, Some(response)),
        CalloutAnswer::After(delay, response) => {
            Progress::Due(now + nanoseconds(delay), Some(response))
        }
        CalloutAnswer::Reset => Progress::Due(now, Some(reset_response())),
        CalloutAnswer::TooLarge => Progress::Due(now, None),
        CalloutAnswer::Pending => Progress::Open,
    }
}
