//! What became of an exchange, seen from outside the proxy.

use std::collections::BTreeMap;

use crate::message::{Request, Response};

/// What became of an exchange: what the upstream saw, what the client saw, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How the exchange ended, or what it waits for.
    pub end: End,
    /// What the upstream saw; `None` if nothing went out.
    pub upstream: Option<Request>,
    /// What the client saw; `None` if nothing came back.
    pub response: Option<Response>,
    /// What the filter put into the stream's filter state by `set_property`, by path joined by
    /// dots, and by `set_envoy_filter_state`, by its name.
    pub filter_state: BTreeMap<String, Vec<u8>>,
    /// How often a change of the request headers made the proxy pick the route again.
    pub route_cache_clears: usize,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The upstream's answer reached the client.
    Answered,
    /// The client got an answer that no upstream made.
    LocalReply(ReplySource),
    /// The filter holds it, and something is under way that may resume it.
    Waiting(Pause),
    /// The filter holds it, and nothing is under way that could resume it.
    Hung(Pause),
    /// The upstream waits for a body longer than what it got: `content-length` was not adjusted.
    BodyTooShort,
    /// The upstream got more body than `content-length` said and ended the connection; the client
    /// got a 503.
    BodyTooLong,
    /// The filter or the proxy reset the stream.
    Reset,
    /// The client went away first.
    Disconnected,
}

/// Who made a local reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplySource {
    /// The filter.
    Filter,
    /// The proxy, because the virtual machine has failed.
    FailedVm,
    /// The proxy, because the upstream ended the connection.
    Upstream,
    /// The proxy, because a held body exceeds the buffer limit.
    BufferLimit,
}

/// Where a filter holds an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// At the request headers; the body, if any, is not delivered meanwhile.
    RequestHeaders,
    /// At the request's body or trailers, or at its headers with the body let through to the
    /// filter.
    RequestBody,
    /// At the response headers; the body is not delivered meanwhile.
    ResponseHeaders,
    /// At the response's body or trailers.
    ResponseBody,
    /// Nowhere: the client has not sent the rest yet.
    Client,
}

impl Outcome {
    /// Returns the outcome of an exchange of another machine, of which nothing is known.
    pub(crate) fn unknown() -> Self {
        Self {
            end: End::Hung(Pause::Client),
            upstream: None,
            response: None,
            filter_state: BTreeMap::new(),
            route_cache_clears: 0,
        }
    }

    /// Returns the status the client saw.
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref()?.status()
    }

    /// Returns the answer if the filter or the proxy made it.
    pub fn local_reply(&self) -> Option<&Response> {
        match self.end {
            End::LocalReply(_) => self.response.as_ref(),
            _ => None,
        }
    }

    /// Returns the gRPC status the client saw.
    pub fn grpc_status(&self) -> Option<u32> {
        let response = self.response.as_ref()?;
        let trailers = response.trailers.as_ref();
        let text = trailers
            .and_then(|trailers| trailers.text("grpc-status"))
            .or_else(|| response.headers.text("grpc-status"))?;
        text.parse().ok()
    }

    /// Returns whether the whole request reached the upstream.
    pub fn is_forwarded(&self) -> bool {
        self.upstream
            .as_ref()
            .is_some_and(|request| request.complete)
    }

    /// Returns whether something may still resume it.
    pub fn is_waiting(&self) -> bool {
        matches!(self.end, End::Waiting(_))
    }

    /// Returns whether nothing will ever resume it.
    pub fn is_hung(&self) -> bool {
        matches!(self.end, End::Hung(_) | End::BodyTooShort)
    }
}
