//! What came of a request, and whether it may have.

use cases::tally::{Mismatch, shown};
use keystile_protocol::header;
use stage::http1::HeaderLine;
use stage::upstream::Recorded;

use crate::request::{Class, Expect, Upstream};

/// What the proxy answers if it refuses.
const REJECTIONS: [u16; 13] = [
    400, 404, 405, 408, 411, 413, 414, 415, 417, 421, 426, 431, 501,
];

/// What the filter's gRPC denials say: `UNAUTHENTICATED` and `PERMISSION_DENIED`.
const GRPC_DENIALS: [u32; 2] = [16, 7];

/// What the client got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A response.
    Response {
        /// Its status.
        status: u16,
        /// Its gRPC status, if it has one.
        grpc_status: Option<u32>,
    },
    /// The connection was closed, or the stream reset, without a response.
    Closed,
    /// Nothing in time.
    Nothing,
    /// Something that is no response.
    Garbled(String),
}

/// What client and upstream saw.
#[derive(Debug)]
pub(crate) struct Observed {
    /// The first answer.
    pub(crate) first: Answer,
    /// The second one, of a pipeline.
    pub(crate) second: Option<Answer>,
    /// What reached the upstream.
    pub(crate) arrivals: Vec<Recorded>,
    /// Whether a transfer coding was named, which Envoy may not know.
    pub(crate) names_coding: bool,
}

// === impl Answer ===

impl Answer {
    fn is_served(&self) -> bool {
        match self {
            Self::Response {
                status,
                grpc_status,
            } => (200..300).contains(status) && !is_grpc_denial(*grpc_status),
            _ => false,
        }
    }

    fn is_denied(&self) -> bool {
        match self {
            Self::Response {
                status: 401 | 403, ..
            } => true,
            Self::Response {
                status: 200,
                grpc_status,
            } => is_grpc_denial(*grpc_status),
            _ => false,
        }
    }

    fn is_rejected(&self) -> bool {
        match self {
            Self::Response { status, .. } => REJECTIONS.contains(status),
            Self::Closed => true,
            Self::Nothing | Self::Garbled(_) => false,
        }
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Response { status, .. } => Some(*status),
            _ => None,
        }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Response {
                status,
                grpc_status: None,
            } => write!(formatter, "{status}"),
            Self::Response {
                status,
                grpc_status: Some(grpc_status),
            } => write!(formatter, "{status} with grpc-status {grpc_status}"),
            Self::Closed => formatter.write_str("closed without a response"),
            Self::Nothing => formatter.write_str("nothing in time"),
            Self::Garbled(reason) => formatter.write_str(reason),
        }
    }
}

// === impl Class ===

impl Class {
    fn accepts(self, answer: &Answer) -> bool {
        match self {
            Self::Allow | Self::Pipeline => answer.is_served(),
            Self::Deny => answer.is_denied(),
            Self::Reject => answer.is_rejected(),
            Self::DenyOrReject => answer.is_denied() || answer.is_rejected(),
            Self::AnySafe => answer.is_served() || answer.is_denied() || answer.is_rejected(),
        }
    }

    /// Whether an end without a response is an answer of this class.
    fn may_close(self) -> bool {
        self.accepts(&Answer::Closed)
    }

    /// Returns how many requests the upstream has, given what the client got.
    fn requests(self, first: &Answer) -> usize {
        match self {
            Self::Allow | Self::AnySafe | Self::Pipeline => usize::from(first.is_served()),
            Self::Deny | Self::Reject | Self::DenyOrReject => 0,
        }
    }
}

/// Lists everything that must not have come of a request.
pub(crate) fn judge(expect: &Expect, observed: &Observed) -> Vec<Mismatch> {
    let mut mismatches = judge_first(expect, &observed.first);
    mismatches.extend(judge_second(expect.class, observed.second.as_ref()));
    mismatches.extend(judge_server_errors(observed));
    mismatches.extend(judge_count(expect, observed));
    for arrival in &observed.arrivals {
        mismatches.extend(judge_identity(arrival));
        mismatches.extend(judge_arrival(&expect.upstream, arrival));
    }
    mismatches
}

fn judge_first(expect: &Expect, first: &Answer) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    let is_right = match (&expect.statuses, first.status()) {
        (Some(statuses), Some(status)) => statuses.contains(&status),
        (Some(_), None) => *first == Answer::Closed && expect.class.may_close(),
        (None, _) => expect.class.accepts(first),
    };
    if !is_right {
        let statuses = expect.statuses.as_ref();
        let statuses = statuses.map(|statuses| format!(" with one of {statuses:?}"));
        let expected = format!("{:?}{}", expect.class, statuses.unwrap_or_default());
        mismatches.push(Mismatch::new("answer", expected, first));
    }
    if let Some(expected) = expect.grpc_status {
        let seen = match first {
            Answer::Response { grpc_status, .. } => *grpc_status,
            _ => None,
        };
        if seen != Some(expected) {
            mismatches.push(Mismatch::new("grpc-status", expected, first));
        }
    }
    mismatches
}

fn judge_second(class: Class, second: Option<&Answer>) -> Option<Mismatch> {
    if class != Class::Pipeline {
        return None;
    }
    let seen = second.map_or("none".to_owned(), ToString::to_string);
    let is_right = second.and_then(Answer::status) == Some(401);
    (!is_right).then(|| Mismatch::new("second answer", 401, seen))
}

fn judge_server_errors(observed: &Observed) -> Vec<Mismatch> {
    let answers = [Some(&observed.first), observed.second.as_ref()];
    let mismatch = |answer: &Answer| match answer.status()? {
        501 if observed.names_coding => None,
        500.. => Some(Mismatch::new("answer", "no server error", answer)),
        _ => None,
    };
    answers.into_iter().flatten().filter_map(mismatch).collect()
}

fn judge_count(expect: &Expect, observed: &Observed) -> Vec<Mismatch> {
    let count = observed.arrivals.len();
    let mut mismatches = Vec::new();
    let mut demand = |holds: bool, expected: String| {
        if !holds {
            let heads = observed.arrivals.iter();
            let heads: Vec<_> = heads.map(|call| shown(&call.head.start_line)).collect();
            let seen = format!("{count} {heads:?}");
            mismatches.push(Mismatch::new("upstream requests", expected, seen));
        }
    };
    let wanted = expect.class.requests(&observed.first);
    demand(count == wanted, wanted.to_string());
    if let Some(most) = expect.upstream.max {
        demand(count <= most, format!("at most {most}"));
    }
    if let Some(exact) = expect.upstream.exact {
        demand(count == exact, format!("exactly {exact}"));
    }
    mismatches
}

/// What a client says of who it is never reaches the upstream as such; in a value of another name it
/// is only text.
fn judge_identity(arrival: &Recorded) -> Vec<Mismatch> {
    let trailers = arrival.body.iter().flat_map(|body| &body.trailers);
    let lines = arrival.head.lines.iter().chain(trailers);
    let is_evil = |line: &&HeaderLine| names_identity(line) && holds_any_case(&line.value, b"evil");
    let mismatch = |line: &HeaderLine| {
        let seen = format!("{}: {}", shown(&line.name), shown(&line.value));
        Mismatch::new("upstream identity", "the filter's", seen)
    };
    lines.filter(is_evil).map(mismatch).collect()
}

/// Whether an upstream may read a line as the filter's word, however it spells names.
fn names_identity(line: &HeaderLine) -> bool {
    let name = line.name.iter().map(|byte| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte.to_ascii_lowercase()),
        _ => '-',
    });
    let name: String = name.collect();
    header::OWNED.contains(&name.as_str())
}

fn judge_arrival(expected: &Upstream, arrival: &Recorded) -> Vec<Mismatch> {
    let head = &arrival.head;
    let has_line = |name: &[u8]| {
        let mut lines = head.lines.iter();
        lines.any(|line| line.name.eq_ignore_ascii_case(name))
    };
    let mut mismatches = Vec::new();
    let mut demand = |holds: bool, member: &str, text: &[u8]| {
        if !holds {
            let member = format!("upstream.{member}");
            mismatches.push(Mismatch::new(member, shown(text), shown(&head.raw)));
        }
    };
    for text in &expected.must_contain {
        demand(holds(&head.raw, &text.0), "must_contain", &text.0);
    }
    for text in &expected.must_not_contain {
        let found = holds_any_case(&head.raw, &text.0);
        demand(!found, "must_not_contain", &text.0);
    }
    for name in &expected.must_contain_header {
        demand(has_line(&name.0), "must_contain_header", &name.0);
    }
    for name in &expected.must_not_contain_header {
        demand(!has_line(&name.0), "must_not_contain_header", &name.0);
    }
    for text in &expected.must_not_contain_line_prefix {
        // A line without a colon is all name.
        demand(!has_line(&text.0), "must_not_contain_line_prefix", &text.0);
    }
    mismatches
}

fn is_grpc_denial(status: Option<u32>) -> bool {
    status.is_some_and(|status| GRPC_DENIALS.contains(&status))
}

fn holds_any_case(haystack: &[u8], needle: &[u8]) -> bool {
    holds(&haystack.to_ascii_lowercase(), &needle.to_ascii_lowercase())
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    needle.is_empty()
        || haystack
            .windows(needle.len())
            .any(|window| window == needle)
}

#[cfg(test)]
mod tests;
