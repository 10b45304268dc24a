//! The proxy's clock.

use std::time::UNIX_EPOCH;

use keystile_core::clock::Timestamp;
use proxy_wasm::hostcalls;

/// Returns the time.
pub(super) fn now() -> Timestamp {
    Timestamp(i64::try_from(nanoseconds() / 1_000_000).unwrap_or(i64::MAX))
}

/// Returns the time in nanoseconds since the Unix epoch: what tells one VM from another.
pub(super) fn nanoseconds() -> u64 {
    hostcalls::get_current_time()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| u64::try_from(since.as_nanos()).ok())
        .unwrap_or_default()
}
