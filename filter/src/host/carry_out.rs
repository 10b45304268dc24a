//! Carries a conclusion out on the request the host's calls are about at the moment.

use keystile_core::exchange::{Changes, Conclusion};
use keystile_core::reply::LocalReply;
use proxy_wasm::types::{BufferType, MapType};

use super::abi::{self, HostError};
use super::metrics::Metrics;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It may go on.
    Admitted,
    /// It has its answer; nothing of it may be touched any more.
    Answered,
}

/// Changes the request and, unless it may go on, answers it.
pub(super) fn carry_out(conclusion: &Conclusion, metrics: &Metrics) -> Outcome {
    match conclusion {
        Conclusion::Continue(changes) => match apply(changes) {
            Ok(()) => {
                metrics.allowed.increment();
                Outcome::Admitted
            }
            Err(_) => fail_closed(),
        },
        Conclusion::Reply(refusal) => {
            metrics.count_denial(refusal.denial);
            // A denial is a denial, whatever the access log then shows.
            let _ = apply(&refusal.changes);
            answer(&refusal.reply)
        }
    }
}

/// Answers a request that cannot be decided because the filter itself does not work.
pub(super) fn fail_closed() -> Outcome {
    answer(&LocalReply {
        status: 503,
        headers: vec![("cache-control", "no-store".to_owned())],
        body: Vec::new(),
    })
}

fn apply(changes: &Changes) -> Result<(), HostError> {
    let map = MapType::HttpRequestHeaders;
    for name in &changes.remove {
        abi::remove_header(map, name)?;
    }
    if let Some(path) = &changes.path {
        abi::set_header(map, ":path", path)?;
    }
    for (name, value) in &changes.set {
        abi::set_header(map, name, value)?;
    }
    if let Some(body) = &changes.body {
        abi::set_buffer(BufferType::HttpRequestBody, body)?;
        // A length that no longer holds would leave the upstream waiting for the rest.
        let length = body.len().to_string();
        abi::set_header(map, "content-length", length.as_bytes())?;
    }
    Ok(())
}

fn answer(reply: &LocalReply) -> Outcome {
    let headers = reply.headers.iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    // There is no second answer to give if this one is refused; the request stays held.
    let _ = abi::answer(reply.status, &headers, &reply.body);
    Outcome::Answered
}
