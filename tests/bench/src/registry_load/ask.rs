//! What gateways ask, byte for byte.

use keystile_protocol::check::CheckRequest;
use keystile_protocol::key::ApiKey;
use keystile_protocol::wire;

use crate::error::BenchError;
use crate::keys;
use crate::sides::configuration::{Feed, SERVICE};

/// Returns a question about a key.
pub(super) fn check(feed: &Feed, number: u64) -> Result<Vec<u8>, BenchError> {
    let question = CheckRequest {
        service: SERVICE.to_owned(),
        digest: ApiKey::new(keys::key(number)).digest(),
    };
    let body = wire::encode(&question);
    let body = body.map_err(|error| BenchError::unexpected("a question", "bytes", error))?;
    let mut request = format!(
        "POST /gateway/v1/check HTTP/1.1\r\n{}Content-Type: {type_}\r\nAccept: {type_}\r\n\
         Content-Length: {}\r\n\r\n",
        common(feed),
        body.len(),
        type_ = wire::CHECK,
    )
    .into_bytes();
    request.extend(body);
    Ok(request)
}

/// Returns a question for what comes after a cursor of an epoch.
pub(super) fn state(feed: &Feed, (epoch, after): (&str, i64), wait_ms: u32) -> Vec<u8> {
    format!(
        "GET /gateway/v1/state?epoch={epoch}&after={after}&wait_ms={wait_ms}&gateway=bench&vm=1 \
         HTTP/1.1\r\n{}Accept: {}\r\n\r\n",
        common(feed),
        wire::STATE,
    )
    .into_bytes()
}

fn common(feed: &Feed) -> String {
    format!(
        "Host: keystile-registry\r\nAuthorization: Bearer {}\r\n",
        feed.token
    )
}
