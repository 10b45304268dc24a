//! The proxy's side: the only code that calls it.
//!
//! Calling and being called is [`abi`]'s alone: the SDK's own way panics on what it does not expect,
//! and a panic is a dead VM. Of the SDK there are its types, its allocator and the ABI's version.

mod abi;
mod callout;
mod carry_out;
mod clock;
mod contexts;
mod follower;
mod http;
mod metrics;
mod plugin;
mod root;
mod turn;

use std::panic;

use proxy_wasm::types::LogLevel;

/// Prepares the VM.
pub(crate) fn start() {
    panic::set_hook(Box::new(|panic| {
        // The message might quote what a client sent; where it happened cannot.
        if let Some(location) = panic.location() {
            log(LogLevel::Critical, &format!("panicked at {location}"));
        }
    }));
}

/// Writes a line to the proxy's log.
fn log(level: LogLevel, line: &str) {
    // A log that cannot be written leaves nobody to tell.
    let _ = abi::log(level, line);
}
