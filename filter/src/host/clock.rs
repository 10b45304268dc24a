//! The proxy's clock.

use std::cell::Cell;

use keystile_core::clock::Timestamp;

use super::abi;

thread_local! {
    /// The last time read, in nanoseconds since the Unix epoch.
    static LATEST: Cell<u64> = const { Cell::new(0) };
}

/// Returns the time; `None` if the proxy does not tell it, and nothing that turns on it can be
/// decided.
pub(super) fn now() -> Option<Timestamp> {
    read().ok().map(in_milliseconds)
}

/// Returns the time, or the last one the proxy told: for what only has to happen sooner or later.
pub(super) fn now_or_latest() -> Timestamp {
    in_milliseconds(read().unwrap_or_else(|_| LATEST.get()))
}

/// Returns the last time read, for something that happens in the callback that read it.
pub(super) fn latest() -> Timestamp {
    in_milliseconds(LATEST.get())
}

/// Returns the time in nanoseconds since the Unix epoch: what tells one VM from another.
pub(super) fn nanoseconds() -> u64 {
    read().unwrap_or_default()
}

fn read() -> Result<u64, abi::HostError> {
    let time = abi::current_time()?;
    LATEST.set(time);
    Ok(time)
}

fn in_milliseconds(nanoseconds: u64) -> Timestamp {
    Timestamp(i64::try_from(nanoseconds / 1_000_000).unwrap_or(i64::MAX))
}
