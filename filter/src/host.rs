//! The proxy's side: the only code that calls it.
//!
//! The SDK creates contexts and calls them; calling the proxy is [`abi`]'s alone, since the SDK's
//! own way panics on what it does not expect, and a panic is a dead VM.

mod abi;
mod callout;
mod carry_out;
mod clock;
mod follower;
mod http;
mod metrics;
mod plugin;
mod root;
mod turn;

use std::panic;

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
    let _ = abi::log(level, line);
}
