//! Carries a conclusion out on the request the host's calls are about at the moment.

use keystile_core::config::Config;
use keystile_core::exchange::{Changes, Conclusion};
use keystile_core::identity::Identity;
use keystile_core::reply::LocalReply;
use keystile_core::usage::Use;
use keystile_protocol::header::{X_CONSUMER_ID, X_CREDENTIAL_IDENTIFIER};
use proxy_wasm::types::{BufferType, MapType};

use super::abi::{self, HostError};
use super::metrics::Metrics;

/// What is put into the filter state, and the header with the same in it.
const STATE: [(&str, &str); 2] = [
    ("keystile.application", X_CONSUMER_ID),
    ("keystile.credential", X_CREDENTIAL_IDENTIFIER),
];

/// What became of a request, and what its key was used for if that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It may go on.
    Admitted(Option<Use>),
    /// It has its answer; nothing of it may be touched any more.
    Answered(Option<Use>),
}

/// Changes the request and, unless it may go on, answers it.
pub(super) fn carry_out(conclusion: &Conclusion, config: &Config, metrics: &Metrics) -> Outcome {
    match conclusion {
        Conclusion::Continue(changes, used) => match admit(changes, config) {
            Ok(()) => {
                metrics.allowed.increment();
                Outcome::Admitted(*used)
            }
            Err(_) => fail_closed(),
        },
        Conclusion::Reply(refusal) => {
            metrics.count_denial(refusal.denial);
            // A denial is a denial, whatever the access log then shows.
            let _ = apply(&refusal.changes);
            answer(&refusal.reply);
            Outcome::Answered(refusal.used)
        }
    }
}

/// Answers a request that cannot be decided because the filter itself does not work.
pub(super) fn fail_closed() -> Outcome {
    answer(&LocalReply {
        status: 503,
        headers: vec![("cache-control", "no-store".to_owned())],
        body: Vec::new(),
    });
    Outcome::Answered(None)
}

fn admit(changes: &Changes, config: &Config) -> Result<(), HostError> {
    apply(changes)?;
    if config.filter_state {
        tell(&changes.identity)?;
    }
    Ok(())
}

/// Puts who calls into Envoy's filter state, as `wasm.` and these names. A request that a limit could
/// not tell from others does not go on.
fn tell(identity: &Identity) -> Result<(), HostError> {
    for (name, header) in STATE {
        if let Some(id) = identity.value(header) {
            abi::set_property(name, id.as_bytes())?;
        }
    }
    Ok(())
}

fn apply(changes: &Changes) -> Result<(), HostError> {
    let map = MapType::HttpRequestHeaders;
    for name in changes.removed() {
        abi::remove_header(map, name)?;
    }
    if let Some(path) = &changes.path {
        abi::set_header(map, ":path", path)?;
    }
    for (name, value) in changes.identity.iter() {
        abi::set_header(map, name, value.as_bytes())?;
    }
    if let Some(body) = &changes.body {
        abi::set_buffer(BufferType::HttpRequestBody, body)?;
        // A length that no longer holds would leave the upstream waiting for the rest.
        let length = body.len().to_string();
        abi::set_header(map, "content-length", length.as_bytes())?;
    }
    Ok(())
}

fn answer(reply: &LocalReply) {
    let headers = reply.headers.iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    // There is no second answer to give if this one is refused; the request stays held.
    let _ = abi::answer(reply.status, &headers, &reply.body);
}
