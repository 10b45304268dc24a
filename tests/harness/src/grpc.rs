//! gRPC calls and streams: what a filter asked for, and what a server does.

use std::time::Duration;

use crate::headers::Headers;

/// A unary gRPC call a filter made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrpcCall {
    /// Its token, which names it in [`Vm::answer_grpc`](crate::Vm::answer_grpc).
    pub token: u32,
    /// The cluster it goes to.
    pub cluster: String,
    /// The full name of the service.
    pub service: String,
    /// The method.
    pub method: String,
    /// The initial metadata.
    pub metadata: Headers,
    /// The message, without gRPC's framing.
    pub message: Vec<u8>,
    /// The time after which Envoy gives up; `None` waits for ever.
    pub timeout: Option<Duration>,
}

/// A gRPC stream a filter opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrpcStream {
    /// Its token, which names it in [`Vm::push`](crate::Vm::push).
    pub token: u32,
    /// The cluster it goes to.
    pub cluster: String,
    /// The full name of the service.
    pub service: String,
    /// The method.
    pub method: String,
    /// The initial metadata of the filter.
    pub metadata: Headers,
    /// The messages the filter sent, without gRPC's framing.
    pub sent: Vec<Vec<u8>>,
    /// Whether the filter will send no more.
    pub half_closed: bool,
}

/// What becomes of a unary call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrpcAnswer {
    /// The server answers with this message.
    Message(Vec<u8>),
    /// The server fails the call with this status and message, to which Envoy adds where it comes
    /// from: `denied` becomes `denied{via_upstream}`.
    Failure(u32, String),
    /// Nobody takes the connection: status 14.
    Unreachable,
}

/// What a server does on a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrpcEvent {
    /// It sends its initial metadata.
    InitialMetadata(Headers),
    /// It sends a message.
    Message(Vec<u8>),
    /// It sends its trailing metadata.
    TrailingMetadata(Headers),
    /// It closes with this status and message; 14 is what Envoy reports when it dies.
    Close(u32, String),
}

/// A call the host has not answered yet.
#[derive(Debug)]
pub(crate) struct PendingCall {
    pub(crate) call: GrpcCall,
    pub(crate) root: u32,
    pub(crate) deadline: Option<u64>,
}

/// A stream that is not closed on both sides.
#[derive(Debug)]
pub(crate) struct OpenStream {
    pub(crate) stream: GrpcStream,
    pub(crate) root: u32,
    pub(crate) remote_closed: bool,
}
