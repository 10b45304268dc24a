//! Compares what the upstream got.

use cases::tally::{Mismatch, shown};
use serde_json::Value;

use super::{Arrival, Lines, Terms, contains, described, value_matches};
use crate::case::expect::{Arrival as Expected, Query, Upstream};
use crate::case::request::Encoding;

/// Lists everything about the requests at the upstream that is not as expected.
pub(super) fn judge(expected: &Upstream, arrivals: &[Arrival], terms: Terms<'_>) -> Vec<Mismatch> {
    match (expected, arrivals) {
        (Upstream::NotCalled, []) => Vec::new(),
        (Upstream::CalledOnce(expected), [arrival]) => {
            let mut mismatches = judge_head(expected, arrival, terms);
            mismatches.extend(judge_body(expected, arrival, terms));
            mismatches
        }
        (Upstream::NotCalled, arrivals) => vec![calls("none", arrivals)],
        (Upstream::CalledOnce(_), arrivals) => vec![calls("one", arrivals)],
    }
}

fn calls(expected: &str, arrivals: &[Arrival]) -> Mismatch {
    let targets: Vec<_> = arrivals.iter().map(|call| shown(&call.target)).collect();
    let seen = format!("{} [{}]", arrivals.len(), targets.join(", "));
    Mismatch::new("upstream requests", expected, seen)
}

fn judge_head(expected: &Expected, arrival: &Arrival, terms: Terms<'_>) -> Vec<Mismatch> {
    let lines = Lines {
        name: "upstream.headers",
        lines: &arrival.headers,
    };
    let present = expected.headers_present.iter().filter(|(name, value)| {
        let found = lines.first(name);
        // Present and empty may also be absent; what is sent in chunks needs no length.
        let may_be_absent =
            value.is_empty() || (name.eq_ignore_ascii_case("content-length") && is_chunked(&lines));
        found.is_some() || !may_be_absent
    });
    let present = present
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut mismatches = lines.judge_present(&present, terms);
    mismatches.extend(lines.judge_absent(&expected.headers_absent));
    if let Some(query) = &expected.query {
        mismatches.extend(judge_query(query, arrival, terms));
    }
    mismatches
}

fn is_chunked(lines: &Lines<'_>) -> bool {
    lines
        .first("transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case(b"chunked"))
}

fn judge_query(expected: &Query, arrival: &Arrival, terms: Terms<'_>) -> Option<Mismatch> {
    let found = arrival.target.splitn(2, |byte| *byte == b'?').nth(1);
    let seen = found.map_or("no query".to_owned(), shown);
    let Query::Bytes(expected) = expected else {
        return found.map(|_| Mismatch::new("upstream.query", "no query", seen));
    };
    match value_matches(expected, found, terms) {
        Ok(true) => None,
        Ok(false) => {
            let expected = described(expected, terms);
            Some(Mismatch::new("upstream.query", expected, seen))
        }
        Err(reason) => Some(Mismatch::new("upstream.query", expected, reason)),
    }
}

fn judge_body(expected: &Expected, arrival: &Arrival, terms: Terms<'_>) -> Vec<Mismatch> {
    let Some(body) = &arrival.body else {
        return vec![Mismatch::new("upstream.body", "one with an end", "none")];
    };
    let mut mismatches = Vec::new();
    let mut demand = |holds: bool, member: &str, expected: String| {
        if !holds {
            let member = format!("upstream.{member}");
            mismatches.push(Mismatch::new(member, expected, shown(body)));
        }
    };
    if let Some(text) = &expected.body {
        let terms = Terms {
            encoding: Encoding::Utf8,
            ..terms
        };
        let holds = value_matches(text, Some(body), terms);
        demand(holds == Ok(true), "body", shown(text.as_bytes()));
    }
    if let Some(length) = expected.body_len {
        let said = format!("{length} bytes, not {}", body.len());
        demand(body.len() == length, "body_len", said);
    }
    if let Some(value) = &expected.body_json_equal {
        let found = serde_json::from_slice::<Value>(body);
        let holds = found.is_ok_and(|found| found == *value);
        demand(holds, "body_json_equal", value.to_string());
    }
    if let Some(text) = &expected.body_contains {
        let holds = contains(body, text.as_bytes());
        demand(holds, "body_contains", shown(text.as_bytes()));
    }
    if let Some(text) = &expected.body_not_contains {
        let holds = !contains(body, text.as_bytes());
        demand(holds, "body_not_contains", shown(text.as_bytes()));
    }
    mismatches
}
