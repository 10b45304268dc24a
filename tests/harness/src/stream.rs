//! One HTTP stream: what has arrived, what the filter holds, what went on.

pub(crate) mod half;
pub(crate) mod local_reply;

use std::collections::BTreeMap;

use crate::exchange::{Exchange, Protocol};
use crate::message::{Request, Response};
use crate::outcome::{End, Outcome, Pause, ReplySource};
use half::{Half, Iteration};

/// A direction through the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Response,
}

/// One exchange while its context lives.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) exchange: u64,
    pub(crate) root: u32,
    pub(crate) request: Half,
    pub(crate) response: Option<Half>,
    pub(crate) upstream: Response,
    pub(crate) properties: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) rerouted_properties: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) filter_state: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) route_cache_clears: usize,
    pub(crate) reply: Option<ReplySource>,
    /// The running callback has asked for a reply; of several, the first counts.
    pub(crate) reply_asked: bool,
    /// What the upstream had against the request; the client got the proxy's answer.
    pub(crate) objection: Option<End>,
    /// How it ended; the context is about to go away or gone.
    pub(crate) end: Option<End>,
    /// `on_log` may read every map.
    pub(crate) log_phase: bool,
}

impl Stream {
    pub(crate) fn new(number: u64, root: u32, exchange: Exchange) -> Self {
        let body = (exchange.pieces, exchange.body_end);
        let mut request = Half::of_request(exchange.headers, body, exchange.trailers);
        if exchange.protocol == Protocol::Http1 {
            request.end_with_empty_piece();
        }
        Self {
            exchange: number,
            root,
            request,
            response: None,
            upstream: exchange.upstream,
            properties: exchange.properties,
            rerouted_properties: exchange.rerouted_properties,
            filter_state: BTreeMap::new(),
            route_cache_clears: 0,
            reply: None,
            reply_asked: false,
            objection: None,
            end: None,
            log_phase: false,
        }
    }

    pub(crate) fn half(&self, side: Side) -> Option<&Half> {
        match side {
            Side::Request => Some(&self.request),
            Side::Response => self.response.as_ref(),
        }
    }

    pub(crate) fn half_mut(&mut self, side: Side) -> Option<&mut Half> {
        match side {
            Side::Request => Some(&mut self.request),
            Side::Response => self.response.as_mut(),
        }
    }

    /// Returns whether the client has received anything.
    pub(crate) fn has_answered(&self) -> bool {
        self.response.as_ref().is_some_and(|half| half.forwarded)
    }

    /// Returns where the filter holds it.
    pub(crate) fn pause(&self) -> Pause {
        if let Some(response) = &self.response {
            return match response.iteration {
                Iteration::StoppedAll => Pause::ResponseHeaders,
                Iteration::StoppedSingle | Iteration::Running => Pause::ResponseBody,
            };
        }
        match self.request.iteration {
            Iteration::StoppedAll => Pause::RequestHeaders,
            Iteration::StoppedSingle => Pause::RequestBody,
            Iteration::Running => Pause::Client,
        }
    }

    /// Returns a property of the route as it is now, or one the filter set.
    pub(crate) fn property(&self, path: &[u8]) -> Option<&Vec<u8>> {
        let rerouted = self.rerouted_properties.get(path);
        rerouted
            .filter(|_| self.route_cache_clears > 0)
            .or_else(|| self.properties.get(path))
            .or_else(|| self.filter_state.get(path))
    }

    /// Returns the outcome with this end.
    pub(crate) fn outcome(&self, end: End) -> Outcome {
        let filter_state = self.filter_state.iter();
        Outcome {
            end,
            upstream: self.request.forwarded.then(|| Request {
                headers: self.request.sent_headers.clone(),
                body: self.request.sent_body.clone(),
                trailers: self.request.sent_trailers.clone(),
                complete: self.request.complete,
            }),
            response: self
                .response
                .as_ref()
                .filter(|half| half.forwarded)
                .map(client_response),
            filter_state: filter_state
                .map(|(path, value)| (dotted(path), value.clone()))
                .collect(),
            route_cache_clears: self.route_cache_clears,
        }
    }
}

/// Returns what the upstream does with a whole request: `None` if it answers.
pub(crate) fn upstream_objection(request: &Half) -> Option<End> {
    let announced = request.sent_headers.text("content-length")?;
    let announced: usize = announced.trim().parse().ok()?;
    match announced.cmp(&request.sent_body.len()) {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(End::BodyTooShort),
        std::cmp::Ordering::Less => Some(End::BodyTooLong),
    }
}

fn client_response(half: &Half) -> Response {
    Response {
        headers: half.sent_headers.clone(),
        body: half.sent_body.clone(),
        trailers: half.sent_trailers.clone(),
    }
}

fn dotted(path: &[u8]) -> String {
    String::from_utf8_lossy(path).replace('\0', ".")
}
