//! Requests to the registry, and what came back.

use keystile_core::answer::Answer;
use keystile_core::config::RegistryAddress;
use keystile_core::feed::Ask;
use keystile_protocol::check::CheckRequest;
use keystile_protocol::header::X_KEYSTILE_REGISTRY;
use keystile_protocol::state::MAX_PAGE_BYTES;
use keystile_protocol::wire;
use proxy_wasm::types::{BufferType, MapType};

use super::abi;

/// The proxy did not send it: it knows no such cluster (yet), or no host of it is healthy.
#[derive(Debug)]
pub(super) struct NotSent;

/// A response as the host gives it.
#[derive(Debug, Default)]
pub(super) struct Response {
    status: Option<Vec<u8>>,
    mark: Option<Vec<u8>>,
    body: Vec<u8>,
}

/// Asks the feed; returns what the answer will be known by.
pub(super) fn ask(address: &RegistryAddress, ask: &Ask) -> Result<u32, NotSent> {
    send(&abi::Call {
        cluster: &address.cluster,
        headers: &[
            (":method", "GET"),
            (":path", ask.path.as_str()),
            (":authority", address.authority.as_str()),
            ("accept", wire::STATE),
        ],
        body: &[],
        timeout_ms: ask.timeout_ms,
    })
}

/// Asks about a key; returns what the answer will be known by.
pub(super) fn check(address: &RegistryAddress, question: &CheckRequest) -> Result<u32, NotSent> {
    let body = wire::encode(question).map_err(|_| NotSent)?;
    send(&abi::Call {
        cluster: &address.cluster,
        headers: &[
            (":method", "POST"),
            (":path", "/gateway/v1/check"),
            (":authority", address.authority.as_str()),
            ("content-type", wire::CHECK),
            ("accept", wire::CHECK),
        ],
        body: &body,
        timeout_ms: address.timeout_ms,
    })
}

/// Reads the response whose callback is running.
pub(super) fn read_response(header_count: usize, body_size: usize) -> Response {
    // After an overflow there are no headers. A page that is far too large is not worth copying.
    if header_count == 0 || body_size > 2 * MAX_PAGE_BYTES {
        return Response::default();
    }
    Response {
        status: read_header(":status"),
        mark: read_header(X_KEYSTILE_REGISTRY),
        // A body that cannot be read is no page and no answer, and is not believed.
        body: abi::buffer(BufferType::HttpCallResponseBody, body_size).unwrap_or_default(),
    }
}

fn send(call: &abi::Call<'_>) -> Result<u32, NotSent> {
    abi::call(call).map_err(|_| NotSent)
}

fn read_header(name: &str) -> Option<Vec<u8>> {
    abi::header(MapType::HttpCallResponseHeaders, name).ok()
}

// === impl Response ===

impl Response {
    /// Judges it.
    pub(super) fn answer(&self) -> Answer<'_> {
        Answer::judge(self.status.as_deref(), self.mark.as_deref(), &self.body)
    }
}
