//! Driving exchanges through the filter, by the rules of Envoy's filter manager.

use crate::abi::callback::Callback;
use crate::exchange::Exchange;
use crate::outcome::{End, ReplySource};
use crate::plugin::{FailurePolicy, HeadersPause};
use crate::state::Action;
use crate::stream::half::{Half, Iteration, Kept, Next};
use crate::stream::local_reply::LocalReply;
use crate::stream::{Side, Stream, upstream_objection};
use crate::vm::{Health, Vm};

/// What a stream callback's return value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Continue,
    Stop(u32),
}

impl Vm {
    /// Creates the context of an exchange and shows the filter as much as it lets through.
    pub(super) fn admit(&mut self, number: u64, exchange: Exchange) {
        self.reload_if_due();
        let root = self.instance.root();
        let state = self.instance.state_mut();
        let context = state.allocate_context();
        let stream = Stream::new(number, root, exchange);
        state.streams.insert(context, stream);
        self.call(Callback::ContextCreate, context, &[root]);
        self.run_deferred();
        self.deliver_headers(context, Side::Request);
        self.pump(context, Side::Request);
    }

    /// Calls a callback unless the machine has failed; a trap makes it fail.
    pub(super) fn call(
        &mut self,
        callback: Callback,
        context: u32,
        arguments: &[u32],
    ) -> Option<u32> {
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

    pub(super) fn has_failed(&self) -> bool {
        matches!(self.health, Health::Failed { .. })
    }

    /// Does what host calls asked for while a callback ran.
    pub(super) fn run_deferred(&mut self) {
        self.instance.state_mut().stop_iteration = false;
        while let Some(action) = self.instance.state_mut().deferred.pop_front() {
            match action {
                Action::Continue(context, side) => self.resume(context, side),
                Action::Reset(context) => self.finish(context, End::Reset),
                Action::Reply(context, reply) => {
                    self.local_reply(context, reply, ReplySource::Filter);
                }
            }
        }
    }

    /// Ends an exchange: `on_log`, `on_done`, `on_delete`, and the context is gone.
    pub(super) fn finish(&mut self, context: u32, end: End) {
        let Some(stream) = self.stream_mut(context) else {
            return;
        };
        if stream.end.is_some() {
            return;
        }
        stream.end = Some(end);
        stream.log_phase = true;
        let outcome = stream.outcome(end);
        let number = stream.exchange;
        self.call(Callback::Log, context, &[]);
        self.run_deferred();
        if let Some(stream) = self.stream_mut(context) {
            stream.log_phase = false;
        }
        for callback in [Callback::Done, Callback::Delete] {
            self.call(callback, context, &[]);
            self.run_deferred();
        }
        let removed = self.instance.state_mut().streams.remove(&context);
        let outcome = removed.map_or(outcome, |stream| stream.outcome(end));
        self.finished.insert(number, outcome);
    }

    fn stream_mut(&mut self, context: u32) -> Option<&mut Stream> {
        self.instance.state_mut().streams.get_mut(&context)
    }

    /// Returns a direction of a stream that has not ended.
    fn half(&mut self, context: u32, side: Side) -> Option<&mut Half> {
        let stream = self.stream_mut(context)?;
        let open = stream.end.is_none() && (side == Side::Response || stream.reply.is_none());
        if open { stream.half_mut(side) } else { None }
    }

    /// Calls a stream callback and translates its answer.
    fn ask(&mut self, callback: Callback, context: u32, arguments: &[u32]) -> Verdict {
        let failed_before = self.has_failed();
        let answer = self.call(callback, context, arguments).unwrap_or(0);
        let stopped = self.instance.state().stop_iteration;
        let verdict = match answer {
            _ if stopped => Verdict::Stop(u32::MAX),
            0 => Verdict::Continue,
            answer => Verdict::Stop(answer),
        };
        if self.has_failed() && self.settings.failure_policy != FailurePolicy::Open {
            let source = ReplySource::FailedVm;
            self.local_reply(context, LocalReply::of_proxy(503, ""), source);
        }
        if !failed_before {
            self.run_deferred();
        }
        if self.has_failed() {
            Verdict::Continue
        } else {
            verdict
        }
    }

    fn deliver_headers(&mut self, context: u32, side: Side) {
        let Some(half) = self.half(context, side) else {
            return;
        };
        half.headers_visible = true;
        half.busy = true;
        let count = u32::try_from(half.headers.len()).unwrap_or(u32::MAX);
        let end = u32::from(half.has_ended());
        let callback = match side {
            Side::Request => Callback::RequestHeaders,
            Side::Response => Callback::ResponseHeaders,
        };
        let verdict = self.ask(callback, context, &[count, end]);
        let pause = self.settings.headers_pause;
        let Some(half) = self.half(context, side) else {
            return;
        };
        half.busy = false;
        match verdict {
            Verdict::Continue => {
                half.headers_visible = false;
                half.resume();
                self.after_progress(context, side);
            }
            Verdict::Stop(1) if pause == HeadersPause::Headers => {
                half.iteration = Iteration::StoppedSingle;
            }
            Verdict::Stop(_) => half.iteration = Iteration::StoppedAll,
        }
    }

    /// Delivers what has arrived for as long as the filter takes it.
    fn pump(&mut self, context: u32, side: Side) {
        let limit = self.settings.buffer_limit;
        while let Some(half) = self.half(context, side) {
            match half.next(limit) {
                Ok(Some(Next::Body { size, end })) => self.deliver_body(context, side, (size, end)),
                Ok(Some(Next::Trailers { count })) => self.deliver_trailers(context, side, count),
                Ok(None) => return,
                Err(_) => return self.refuse_body(context, side),
            }
        }
    }

    fn deliver_body(&mut self, context: u32, side: Side, (size, end): (u32, bool)) {
        let callback = match side {
            Side::Request => Callback::RequestBody,
            Side::Response => Callback::ResponseBody,
        };
        self.mark_busy(context, side);
        let verdict = self.ask(callback, context, &[size, u32::from(end)]);
        let limit = self.settings.buffer_limit;
        let Some(half) = self.half(context, side) else {
            return;
        };
        half.busy = false;
        let kept = match verdict {
            Verdict::Continue => {
                half.pass_body();
                return self.after_progress(context, side);
            }
            Verdict::Stop(1) => half.keep_body(limit, Kept::Readable),
            Verdict::Stop(2) => half.keep_body(limit, Kept::Unreadable),
            Verdict::Stop(_) => half.keep_body(limit, Kept::Dropped),
        };
        if kept.is_err() {
            self.refuse_body(context, side);
        }
    }

    fn deliver_trailers(&mut self, context: u32, side: Side, count: u32) {
        let callback = match side {
            Side::Request => Callback::RequestTrailers,
            Side::Response => Callback::ResponseTrailers,
        };
        self.mark_busy(context, side);
        let verdict = self.ask(callback, context, &[count]);
        let Some(half) = self.half(context, side) else {
            return;
        };
        half.busy = false;
        match verdict {
            Verdict::Continue => {
                half.trailers_visible = false;
                half.resume();
                self.after_progress(context, side);
            }
            Verdict::Stop(_) => half.iteration = Iteration::StoppedSingle,
        }
    }

    fn mark_busy(&mut self, context: u32, side: Side) {
        if let Some(half) = self.half(context, side) {
            half.busy = true;
        }
    }

    /// Lets a held direction go on (Envoy `commonContinue`); one that is not held stays as it is.
    fn resume(&mut self, context: u32, side: Side) {
        let Some(half) = self.half(context, side) else {
            return;
        };
        if half.iteration == Iteration::Running {
            return;
        }
        half.resume();
        self.after_progress(context, side);
        self.pump(context, side);
    }

    /// Lets the other end react to what was forwarded.
    fn after_progress(&mut self, context: u32, side: Side) {
        let Some(stream) = self.stream_mut(context) else {
            return;
        };
        match side {
            Side::Request => {
                let answers = stream.request.complete || stream.request.is_endless();
                if answers && stream.response.is_none() {
                    self.upstream_answers(context);
                }
            }
            Side::Response => {
                let reply = stream.reply;
                if stream.response.as_ref().is_some_and(|half| half.complete) {
                    self.finish(context, reply.map_or(End::Answered, End::LocalReply));
                }
            }
        }
    }

    fn upstream_answers(&mut self, context: u32) {
        let Some(stream) = self.stream_mut(context) else {
            return;
        };
        if stream.request.complete
            && let Some(end) = upstream_objection(&stream.request)
        {
            return self.finish(context, end);
        }
        let answer = stream.upstream.clone();
        let pieces = Some(answer.body).filter(|body| !body.is_empty());
        let half = Half::new(
            answer.headers,
            pieces.into_iter().collect(),
            answer.trailers,
        );
        stream.response = Some(half);
        self.deliver_headers(context, Side::Response);
        self.pump(context, Side::Response);
    }

    /// Answers instead of the upstream (Envoy `sendLocalReply`).
    fn local_reply(&mut self, context: u32, reply: LocalReply, source: ReplySource) {
        let Some(stream) = self.stream_mut(context) else {
            return;
        };
        if stream.end.is_some() {
            return;
        }
        if stream.has_answered() {
            return self.finish(context, End::Reset);
        }
        let shaped = reply.shape(&stream.request.headers);
        let pieces = Some(shaped.body).filter(|body| !body.is_empty());
        let mut half = Half::new(shaped.headers, pieces.into_iter().collect(), None);
        stream.reply = Some(source);
        // Once the response's headers have begun their way, the answer takes the direct one.
        let direct = stream.response.is_some() || source == ReplySource::FailedVm;
        if direct {
            half.send_directly();
            stream.response = Some(half);
            return self.finish(context, End::LocalReply(source));
        }
        stream.response = Some(half);
        self.deliver_headers(context, Side::Response);
        self.pump(context, Side::Response);
    }

    fn refuse_body(&mut self, context: u32, side: Side) {
        let (status, text) = match side {
            Side::Request => (413, "Payload Too Large"),
            Side::Response => (500, "Internal Server Error"),
        };
        let source = ReplySource::BufferLimit;
        self.local_reply(context, LocalReply::of_proxy(status, text), source);
    }
}
