//! Carries a conclusion out on the request the host's calls are about at the moment.

use keystile_core::exchange::{Changes, Conclusion};
use keystile_core::reply::LocalReply;
use proxy_wasm::hostcalls;
use proxy_wasm::types::{BufferType, MapType, Status};

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

fn apply(changes: &Changes) -> Result<(), Status> {
    let map = MapType::HttpRequestHeaders;
    for name in &changes.remove {
        hostcalls::remove_map_value(map, name)?;
    }
    if let Some(path) = &changes.path {
        hostcalls::set_map_value_bytes(map, ":path", Some(path))?;
    }
    for (name, value) in &changes.set {
        hostcalls::set_map_value_bytes(map, name, Some(value))?;
    }
    if let Some(body) = &changes.body {
        // Any length from 0 on that is not shorter than the body replaces all of it.
        hostcalls::set_buffer(BufferType::HttpRequestBody, 0, usize::MAX, body)?;
        // A length that no longer holds would leave the upstream waiting for the rest.
        let length = body.len().to_string();
        hostcalls::set_map_value_bytes(map, "content-length", Some(length.as_bytes()))?;
    }
    Ok(())
}

fn answer(reply: &LocalReply) -> Outcome {
    let headers = reply
        .headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let body = (!reply.body.is_empty()).then_some(reply.body.as_slice());
    // There is no second answer to give if this one is refused; the request stays held.
    let _ = hostcalls::send_http_response(reply.status, headers, body);
    Outcome::Answered
}
