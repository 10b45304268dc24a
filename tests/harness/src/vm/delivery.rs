//! Delivering headers, body and trailers to the filter, by the rules of Envoy's filter manager.

use crate::abi::callback::Callback;
use crate::exchange::Exchange;
use crate::plugin::HeadersPause;
use crate::stream::half::{Half, Iteration, Kept, Next};
use crate::stream::{Side, Stream};
use crate::vm::calling::Verdict;
use crate::vm::{ExchangeId, Vm};

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
        self.deliver(context, Side::Request);
    }

    /// Changes what has arrived of a request and delivers it.
    pub(super) fn continue_request(
        &mut self,
        exchange: ExchangeId,
        change: impl FnOnce(&mut Half),
    ) {
        let Some(context) = self.context_of(exchange) else {
            return;
        };
        if let Some(half) = self.half(context, Side::Request) {
            change(half);
            self.pump(context, Side::Request);
        }
    }

    /// Delivers a direction from its headers on, for as long as the filter takes it.
    pub(super) fn deliver(&mut self, context: u32, side: Side) {
        self.deliver_headers(context, side);
        self.pump(context, side);
    }

    /// Lets a held direction go on (Envoy `commonContinue`).
    ///
    /// A filter that resumes in the very callback at the headers sends them on at once, and what
    /// the callback returns then holds what is left (tried on Envoy 1.40): a request without a
    /// body passes, one with a body hangs with its headers gone.
    pub(super) fn resume(&mut self, context: u32, side: Side) {
        let Some(half) = self.half(context, side) else {
            return;
        };
        let at_headers = half.busy && !half.forwarded;
        if half.iteration == Iteration::Running && !at_headers {
            return;
        }
        half.resume();
        self.after_progress(context, side);
        self.pump(context, side);
    }

    pub(super) fn stream_mut(&mut self, context: u32) -> Option<&mut Stream> {
        self.instance.state_mut().streams.get_mut(&context)
    }

    /// Returns a direction of a stream, unless the stream or that direction is over.
    fn half(&mut self, context: u32, side: Side) -> Option<&mut Half> {
        let stream = self.stream_mut(context)?;
        let open = stream.end.is_none() && (side == Side::Response || stream.reply.is_none());
        if open { stream.half_mut(side) } else { None }
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

    fn pump(&mut self, context: u32, side: Side) {
        let limit = self.settings.buffer_limit;
        while let Some(half) = self.half(context, side) {
            match half.next(limit) {
                Ok(Some(Next::Body { size, end })) => {
                    self.deliver_body(context, side, [size, u32::from(end)]);
                }
                Ok(Some(Next::Trailers { count })) => self.deliver_trailers(context, side, count),
                Ok(None) => return,
                Err(_) => return self.refuse_body(context, side),
            }
        }
    }

    fn deliver_body(&mut self, context: u32, side: Side, arguments: [u32; 2]) {
        let callback = match side {
            Side::Request => Callback::RequestBody,
            Side::Response => Callback::ResponseBody,
        };
        self.mark_busy(context, side);
        let verdict = self.ask(callback, context, &arguments);
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
}
