//! Calling into the module, and doing afterwards what its host calls asked for.

use crate::abi::callback::Callback;
use crate::outcome::{End, ReplySource};
use crate::plugin::FailurePolicy;
use crate::state::Action;
use crate::stream::local_reply::LocalReply;
use crate::vm::{Health, Vm};

/// What a stream callback's return value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Continue,
    /// The number tells how much stops; its meaning depends on the callback.
    Stop(u32),
}

impl Vm {
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.health, Health::Failed { .. })
    }

    /// Calls a callback, then does what was deferred.
    pub(super) fn call(
        &mut self,
        callback: Callback,
        context: u32,
        arguments: &[u32],
    ) -> Option<u32> {
        let answer = self.enter(callback, context, arguments);
        self.run_deferred();
        answer
    }

    /// Calls a callback of a stream and translates its answer.
    pub(super) fn ask(&mut self, callback: Callback, context: u32, arguments: &[u32]) -> Verdict {
        let had_failed = self.has_failed();
        let answer = self.enter(callback, context, arguments);
        let verdict = match answer {
            _ if self.instance.state().stop_iteration => Verdict::Stop(u32::MAX),
            None | Some(0) => Verdict::Continue,
            Some(answer) => Verdict::Stop(answer),
        };
        if !self.has_failed() {
            self.run_deferred();
            return verdict;
        }
        // A failed machine closes the stream before anything it still asked for (cpp-host
        // `CHECK_FAIL`); with an open policy the one in which it failed is closed all the same.
        let fails_now = !had_failed;
        if fails_now || self.settings.failure_policy != FailurePolicy::Open {
            let reply = LocalReply::of_proxy(503, "");
            self.local_reply(context, reply, ReplySource::FailedVm);
        }
        self.run_deferred();
        Verdict::Continue
    }

    /// Calls a callback unless the machine has failed; a trap makes it fail.
    fn enter(&mut self, callback: Callback, context: u32, arguments: &[u32]) -> Option<u32> {
        if self.has_failed() {
            return None;
        }
        match self.instance.call(callback, context, arguments) {
            Ok(answer) => answer,
            Err(trapped) => {
                self.health = Health::Failed {
                    callback: trapped.callback,
                    reason: trapped.reason,
                };
                None
            }
        }
    }

    fn run_deferred(&mut self) {
        self.instance.state_mut().stop_iteration = false;
        while let Some(action) = self.instance.state_mut().deferred.pop_front() {
            match action {
                Action::Continue(context, side) => self.resume(context, side),
                Action::Reset(context) => self.finish(context, End::Reset),
                Action::DeleteRoot(root) => self.delete_root(root),
                Action::Reply(context, reply) => {
                    // What the filter replies to its own reply counts again.
                    if let Some(stream) = self.stream_mut(context) {
                        stream.reply_asked = false;
                    }
                    self.local_reply(context, reply, ReplySource::Filter);
                }
            }
        }
    }
}
