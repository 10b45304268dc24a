//! How exchanges end: the upstream's answer, a local reply, a reset.

use crate::abi::callback::Callback;
use crate::message::Response;
use crate::outcome::{End, ReplySource};
use crate::stream::half::Half;
use crate::stream::local_reply::LocalReply;
use crate::stream::{Side, upstream_objection};
use crate::vm::Vm;

impl Vm {
    /// Lets the other end react to what was forwarded.
    pub(super) fn after_progress(&mut self, context: u32, side: Side) {
        let Some(stream) = self.stream_mut(context) else {
            return;
        };
        if side == Side::Request {
            let whole = stream.request.complete || stream.request.is_endless();
            if whole && stream.response.is_none() {
                self.upstream_answers(context);
            }
        } else if stream.response.as_ref().is_some_and(|half| half.complete) {
            let end = stream.reply.map_or(End::Answered, End::LocalReply);
            let end = stream.objection.unwrap_or(end);
            self.finish(context, end);
        }
    }

    /// Answers instead of the upstream (Envoy `sendLocalReply`).
    pub(super) fn local_reply(&mut self, context: u32, reply: LocalReply, source: ReplySource) {
        let Some(stream) = self.stream_mut(context) else {
            return;
        };
        if stream.end.is_some() {
            return;
        }
        if stream.has_answered() {
            return self.finish(context, End::Reset);
        }
        let half = response_half(reply.shape(&stream.request.headers));
        stream.reply = Some(source);
        // Once the response's headers have begun their way, or if the filter is dead, the answer
        // goes past it.
        let direct = stream.response.is_some() || source == ReplySource::FailedVm;
        let response = stream.response.insert(half);
        if direct {
            response.send_directly();
            self.finish(context, End::LocalReply(source));
        } else {
            self.deliver(context, Side::Response);
        }
    }

    /// Answers what Envoy answers when a held body exceeds the buffer limit.
    pub(super) fn refuse_body(&mut self, context: u32, side: Side) {
        let reply = match side {
            Side::Request => LocalReply::of_proxy(413, "Payload Too Large"),
            Side::Response => LocalReply::of_proxy(500, "Internal Server Error"),
        };
        self.local_reply(context, reply, ReplySource::BufferLimit);
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
        self.call(Callback::Log, context, &[]);
        if let Some(stream) = self.stream_mut(context) {
            stream.log_phase = false;
        }
        self.call(Callback::Done, context, &[]);
        self.call(Callback::Delete, context, &[]);
        if let Some(stream) = self.instance.state_mut().streams.remove(&context) {
            let outcome = stream.outcome(end);
            self.finished.insert(stream.exchange, outcome);
        }
    }

    fn upstream_answers(&mut self, context: u32) {
        let Some(stream) = self.stream_mut(context) else {
            return;
        };
        let complete = stream.request.complete;
        match upstream_objection(&stream.request).filter(|_| complete) {
            Some(End::BodyTooLong) => return self.drop_upstream(context),
            Some(end) => return self.finish(context, end),
            None => {}
        }
        let mut response = response_half(stream.upstream.clone());
        response.end_with_empty_piece();
        stream.response = Some(response);
        self.deliver(context, Side::Response);
    }

    /// Answers what Envoy answers when the upstream ends the connection.
    fn drop_upstream(&mut self, context: u32) {
        if let Some(stream) = self.stream_mut(context) {
            stream.objection = Some(End::BodyTooLong);
        }
        let text = "upstream connect error or disconnect/reset before headers. \
                    reset reason: connection termination";
        let reply = LocalReply::of_proxy(503, text);
        self.local_reply(context, reply, ReplySource::Upstream);
    }
}

fn response_half(response: Response) -> Half {
    let pieces = Some(response.body).filter(|body| !body.is_empty());
    let pieces = pieces.into_iter().collect();
    Half::new(response.headers, pieces, response.trailers)
}
