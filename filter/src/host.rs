//! The proxy's side: the only code that calls it.
//!
//! The SDK panics on every host status its list does not have and on text that is not UTF-8, and a
//! panic is a dead VM. So: `hostcalls` and their `_bytes` forms only, never the helpers of its
//! traits, and only calls that the host cannot refuse where they are made.

mod callout;
mod carry_out;
mod clock;
mod follower;
mod http;
mod metrics;
mod plugin;
mod root;

use std::panic;

use proxy_wasm::hostcalls;
use proxy_wasm::types::LogLevel;

use root::Root;

/// Tells the SDK what to create for a plugin.
pub(crate) fn start() {
    panic::set_hook(Box::new(|panic| {
        // The message might quote what a client sent; where it happened cannot.
        if let Some(location) = panic.location() {
            log(LogLevel::Critical, &format!("panicked at {location}"));
        }
    }));
    proxy_wasm::set_root_context(|context_id| Box::new(Root::new(context_id)));
}

/// Writes a line to the proxy's log.
fn log(level: LogLevel, line: &str) {
    // A log that cannot be written leaves nobody to tell.
    let _ = hostcalls::log(level, line);
}
