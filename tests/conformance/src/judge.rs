//! Compares what was seen with what is expected, member by member; the first difference does not
//! hide the others.

mod upstream;

use std::collections::BTreeMap;

use cases::tally::{Mismatch, shown};
use serde_json::{Map, Value};
use stage::http1::HeaderLine;

use crate::case::expect::Expect;
use crate::case::request::Encoding;
use crate::matcher::{Ids, Matcher};

/// What the client and the upstream saw.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The response, or why there is none.
    pub(crate) response: Result<Response, String>,
    /// Every request at the upstream.
    pub(crate) arrivals: Vec<Arrival>,
}

/// What the client saw.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    /// The status.
    pub(crate) status: u16,
    /// The header lines.
    pub(crate) headers: Vec<HeaderLine>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// What the upstream saw.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// The request target.
    pub(crate) target: Vec<u8>,
    /// The header lines.
    pub(crate) headers: Vec<HeaderLine>,
    /// The body; `None` if its end never came.
    pub(crate) body: Option<Vec<u8>>,
}

/// What values are compared by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    /// The ids the registry gave.
    pub(crate) ids: &'a Ids,
    /// How the client's header values were sent.
    pub(crate) encoding: Encoding,
}

/// Lists everything that is not as expected.
pub(crate) fn judge(expect: &Expect, seen: &Seen, terms: Terms<'_>) -> Vec<Mismatch> {
    let mut mismatches = match &seen.response {
        Ok(response) => judge_response(expect, response, terms),
        Err(reason) => vec![Mismatch::new("response", "one", reason)],
    };
    if let Some(upstream) = &expect.upstream {
        mismatches.extend(upstream::judge(upstream, &seen.arrivals, terms));
    }
    mismatches
}

fn judge_response(expect: &Expect, response: &Response, terms: Terms<'_>) -> Vec<Mismatch> {
    let mut mismatches = judge_status(expect, response.status);
    mismatches.extend(judge_json(&expect.body_json, &response.body, terms));
    if let Some(text) = &expect.body_contains
        && !contains(&response.body, text.as_bytes())
    {
        let seen = shown(&response.body);
        mismatches.push(Mismatch::new("body", format!("`{text}` in it"), seen));
    }
    let lines = Lines {
        name: "response_headers",
        lines: &response.headers,
    };
    mismatches.extend(lines.judge_present(&expect.response_headers, terms));
    mismatches.extend(lines.judge_absent(&expect.response_headers_absent));
    mismatches
}

fn judge_status(expect: &Expect, status: u16) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    if let Some(expected) = expect.status
        && expected != status
    {
        mismatches.push(Mismatch::new("status", expected, status));
    }
    if let Some(expected) = &expect.status_in
        && !expected.contains(&status)
    {
        let expected = format!("one of {expected:?}");
        mismatches.push(Mismatch::new("status", expected, status));
    }
    mismatches
}

fn judge_json(expected: &Map<String, Value>, body: &[u8], terms: Terms<'_>) -> Vec<Mismatch> {
    let seen: Value = serde_json::from_slice(body).unwrap_or_default();
    let mismatch = |(name, expected): (&String, &Value)| {
        let found = seen.get(name);
        let matches = found.map_or(Ok(false), |found| json_matches(expected, found, terms));
        let member = format!("body_json.{name}");
        match matches {
            Ok(true) => None,
            Ok(false) => Some(Mismatch::new(member, expected, shown(body))),
            Err(reason) => Some(Mismatch::new(member, expected, reason)),
        }
    };
    expected.iter().filter_map(mismatch).collect()
}

fn json_matches(expected: &Value, found: &Value, terms: Terms<'_>) -> Result<bool, String> {
    let Value::String(text) = expected else {
        return Ok(expected == found);
    };
    let matcher = Matcher::parse(text, terms.ids).map_err(|error| error.to_string())?;
    Ok(match (&matcher, found) {
        (Matcher::Any, _) => true,
        (_, Value::String(found)) => matcher.matches(found.as_bytes(), Encoding::Utf8),
        _ => false,
    })
}

/// Header lines and the member of the expectation they are compared with.
struct Lines<'a> {
    name: &'static str,
    lines: &'a [HeaderLine],
}

// === impl Lines ===

impl Lines<'_> {
    fn first(&self, name: &str) -> Option<&[u8]> {
        let line = self.lines.iter().find(|line| line.is_named(name));
        line.map(|line| line.value.as_slice())
    }

    fn judge_present(
        &self,
        expected: &BTreeMap<String, String>,
        terms: Terms<'_>,
    ) -> Vec<Mismatch> {
        let mismatch = |(name, expected): (&String, &String)| {
            let found = self.first(name);
            let member = format!("{}.{name}", self.name);
            let seen = found.map_or("none".to_owned(), shown);
            match value_matches(expected, found, terms) {
                Ok(true) => None,
                Ok(false) => Some(Mismatch::new(member, described(expected, terms), seen)),
                Err(reason) => Some(Mismatch::new(member, expected, reason)),
            }
        };
        expected.iter().filter_map(mismatch).collect()
    }

    fn judge_absent(&self, names: &[String]) -> Vec<Mismatch> {
        let mismatch = |name: &String| {
            let found = self.first(name)?;
            let member = format!("{}.{name}", self.name);
            Some(Mismatch::new(member, "none", shown(found)))
        };
        names.iter().filter_map(mismatch).collect()
    }
}

/// Whether a value, if there is one, is as expected.
fn value_matches(expected: &str, found: Option<&[u8]>, terms: Terms<'_>) -> Result<bool, String> {
    let matcher = Matcher::parse(expected, terms.ids).map_err(|error| error.to_string())?;
    Ok(found.is_some_and(|found| matcher.matches(found, terms.encoding)))
}

/// Returns an expected value with the id it stands for.
fn described(expected: &str, terms: Terms<'_>) -> String {
    match Matcher::parse(expected, terms.ids) {
        Ok(Matcher::Exactly(id)) if id != expected => format!("{expected} = \"{id}\""),
        _ => format!("\"{expected}\""),
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    needle.is_empty()
        || haystack
            .windows(needle.len())
            .any(|window| window == needle)
}

#[cfg(test)]
mod tests;
