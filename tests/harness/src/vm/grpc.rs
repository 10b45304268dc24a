//! gRPC: delivering answers of calls and events of streams.

use crate::abi::callback::Callback;
use crate::grpc::{GrpcAnswer, GrpcCall, GrpcEvent, GrpcStream};
use crate::headers::Headers;
use crate::vm::Vm;

/// `UNAVAILABLE`: what a 504 means to a gRPC client.
const UNAVAILABLE: u32 = 14;
/// The details of a response there was none of.
const UNREACHABLE_DETAILS: &str = "upstream_reset_before_response_started\
    {remote_connection_failure|delayed_connect_error:_Connection_refused}";
/// What Envoy says when nobody takes the connection.
const UNREACHABLE: &str = "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure";

impl Vm {
    /// Returns the unary gRPC calls without an answer, oldest first.
    pub fn pending_grpc_calls(&self) -> Vec<GrpcCall> {
        let calls = self.instance.state().grpc_calls.values();
        calls.map(|pending| pending.call.clone()).collect()
    }

    /// Answers a unary gRPC call and lets everything that is due happen. Returns whether there
    /// was such a call.
    pub fn answer_grpc(&mut self, token: u32, answer: GrpcAnswer) -> bool {
        let calls = &mut self.instance.state_mut().grpc_calls;
        let Some(pending) = calls.remove(&token) else {
            return false;
        };
        match answer {
            GrpcAnswer::Message(message) => self.deliver_message(pending.root, token, message),
            GrpcAnswer::Failure(status, text) => {
                let status = (status, with_details(&text, "via_upstream"));
                self.deliver_close(pending.root, token, status);
            }
            GrpcAnswer::Unreachable => {
                let text = with_details(UNREACHABLE, UNREACHABLE_DETAILS);
                self.deliver_close(pending.root, token, (UNAVAILABLE, text));
            }
        }
        self.settle();
        true
    }

    /// Returns the gRPC streams the host still keeps, oldest first. One the server closed stays
    /// until the filter closes it too: a filter that forgets leaks it, here as in Envoy.
    pub fn grpc_streams(&self) -> Vec<GrpcStream> {
        let streams = self.instance.state().grpc_streams.values();
        streams.map(|open| open.stream.clone()).collect()
    }

    /// Lets the server of a gRPC stream do something, and everything that is due happen.
    /// Returns whether the stream is open on the server's side.
    pub fn push(&mut self, token: u32, event: GrpcEvent) -> bool {
        let streams = &mut self.instance.state_mut().grpc_streams;
        let open = streams.get_mut(&token).filter(|open| !open.remote_closed);
        let Some(open) = open else {
            return false;
        };
        let root = open.root;
        open.remote_closed = matches!(event, GrpcEvent::Close(..));
        match event {
            GrpcEvent::InitialMetadata(metadata) => self.deliver_initial(root, token, metadata),
            GrpcEvent::Message(message) => self.deliver_message(root, token, message),
            GrpcEvent::TrailingMetadata(metadata) => self.deliver_trailing(root, token, metadata),
            GrpcEvent::Close(status, text) => {
                let status = (status, with_details(&text, "via_upstream"));
                self.deliver_close(root, token, status);
                self.forget_closed_stream(token);
            }
        }
        self.settle();
        true
    }

    /// Fails the first call whose time has passed; returns whether there was one.
    pub(super) fn deliver_grpc_timeout(&mut self) -> bool {
        let now = self.shared.lock().now;
        let calls = &mut self.instance.state_mut().grpc_calls;
        let mut entries = calls.iter();
        let late = entries.find(|(_, call)| call.deadline.is_some_and(|due| due <= now));
        let token = late.map(|(token, _)| *token);
        let Some((token, pending)) = token.and_then(|token| calls.remove_entry(&token)) else {
            return false;
        };
        let text = with_details("upstream request timeout", "response_timeout");
        let status = (UNAVAILABLE, text);
        self.deliver_close(pending.root, token, status);
        true
    }

    fn deliver_initial(&mut self, root: u32, token: u32, metadata: Headers) {
        let count = length(metadata.len());
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            entry.grpc_initial_metadata = Some(metadata);
        }
        self.call(Callback::GrpcInitialMetadata, root, &[token, count]);
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            entry.grpc_initial_metadata = None;
        }
    }

    fn deliver_message(&mut self, root: u32, token: u32, message: Vec<u8>) {
        let size = length(message.len());
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            entry.grpc_message = message;
        }
        self.call(Callback::GrpcMessage, root, &[token, size]);
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            entry.grpc_message = Vec::new();
        }
    }

    fn deliver_trailing(&mut self, root: u32, token: u32, metadata: Headers) {
        let count = length(metadata.len());
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            entry.grpc_trailing_metadata = Some(metadata);
        }
        self.call(Callback::GrpcTrailingMetadata, root, &[token, count]);
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            entry.grpc_trailing_metadata = None;
        }
    }

    fn deliver_close(&mut self, root: u32, token: u32, status: (u32, String)) {
        let code = status.0;
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            entry.status = status;
        }
        self.call(Callback::GrpcClose, root, &[token, code]);
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            entry.status.1.clear();
        }
    }

    fn forget_closed_stream(&mut self, token: u32) {
        let streams = &mut self.instance.state_mut().grpc_streams;
        let closed = streams.get(&token).map(|open| open.stream.half_closed);
        if closed == Some(true) {
            streams.remove(&token);
        }
    }
}

/// Returns a status message as Envoy passes it on: with the details of the response.
fn with_details(text: &str, details: &str) -> String {
    if text.is_empty() {
        details.to_owned()
    } else {
        format!("{text}{{{details}}}")
    }
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
