//! HTTP callouts: what a filter asked another service, and what comes of it.

use std::time::Duration;

use crate::headers::Headers;
use crate::message::Response;
use crate::shared::nanoseconds;

/// A callout a filter dispatched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callout {
    /// Its token, which names it in [`Vm::answer`](crate::Vm::answer).
    pub token: u32,
    /// The cluster it goes to.
    pub cluster: String,
    /// The headers, with `content-length` if there is a body.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
    /// The trailers.
    pub trailers: Headers,
    /// The time after which Envoy gives up; `None` waits for ever (a timeout of 0).
    pub timeout: Option<Duration>,
}

/// What becomes of a callout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalloutAnswer {
    /// The server answers.
    Response(Response),
    /// The server answers after some (virtual) time, if the timeout does not come first.
    After(Duration, Response),
    /// Nobody takes the connection: Envoy makes up a 503, at once.
    Reset,
    /// The server takes the connection and ends it without an answer: another 503.
    HangUp,
    /// The answer exceeds Envoy's buffer: the filter is called with no headers at all.
    TooLarge,
    /// No answer for now: it stays pending until the test answers, offers it again, or the
    /// timeout passes, when Envoy makes up a 504.
    Pending,
}

impl Callout {
    /// Returns the method, if it is text.
    pub fn method(&self) -> Option<&str> {
        self.headers.text(":method")
    }

    /// Returns the path with its query, if it is text.
    pub fn path(&self) -> Option<&str> {
        self.headers.text(":path")
    }
}

impl From<Response> for CalloutAnswer {
    fn from(response: Response) -> Self {
        Self::Response(response)
    }
}

/// A callout the host has not delivered yet.
#[derive(Debug)]
pub(crate) struct PendingCallout {
    pub(crate) callout: Callout,
    /// The root context that owns it in the host, whoever dispatched it.
    pub(crate) root: u32,
    pub(crate) deadline: Option<u64>,
    pub(crate) progress: Progress,
}

/// How far a callout is.
#[derive(Debug)]
pub(crate) enum Progress {
    /// Nobody has been asked yet.
    Fresh,
    /// It was offered, and there is no answer yet.
    Open,
    /// The answer is known and arrives at this time; `None` stands for no headers at all.
    Due(u64, Option<Response>),
}

// === impl PendingCallout ===

impl PendingCallout {
    pub(crate) fn is_unanswered(&self) -> bool {
        !matches!(self.progress, Progress::Due(..))
    }

    pub(crate) fn offer_again(&mut self) {
        if matches!(self.progress, Progress::Open) {
            self.progress = Progress::Fresh;
        }
    }

    /// Returns when the filter hears of it, as far as that is known.
    pub(crate) fn due(&self) -> Option<u64> {
        match (&self.progress, self.deadline) {
            (Progress::Due(due, _), Some(deadline)) => Some(*due.min(&deadline)),
            (Progress::Due(due, _), None) => Some(*due),
            (Progress::Fresh | Progress::Open, deadline) => deadline,
        }
    }

    /// Returns what the filter hears once it is due: the answer, or what the timeout makes up.
    pub(crate) fn response(self) -> Option<Response> {
        let in_time = |due| self.deadline.is_none_or(|deadline| due <= deadline);
        match self.progress {
            Progress::Due(due, response) if in_time(due) => response,
            _ => Some(timeout_response()),
        }
    }
}

// === impl CalloutAnswer ===

impl CalloutAnswer {
    pub(crate) fn progress(self, now: u64) -> Progress {
        match self {
            Self::Response(response) => Progress::Due(now, Some(response)),
            Self::After(delay, response) => Progress::Due(now + nanoseconds(delay), Some(response)),
            Self::Reset => Progress::Due(now, Some(broken("remote connection failure"))),
            Self::HangUp => Progress::Due(now, Some(broken("connection termination"))),
            Self::TooLarge => Progress::Due(now, None),
            Self::Pending => Progress::Open,
        }
    }
}

/// Returns what Envoy makes up when the connection fails.
fn broken(reason: &str) -> Response {
    let text = "upstream connect error or disconnect/reset before headers. reset reason: ";
    synthetic(503, &format!("{text}{reason}"))
}

/// Returns what Envoy makes up when the timeout passes.
fn timeout_response() -> Response {
    synthetic(504, "upstream request timeout")
}

fn synthetic(status: u16, body: &str) -> Response {
    Response::new(status)
        .header("content-length", body.len().to_string())
        .header("content-type", "text/plain")
        .body(body)
}
