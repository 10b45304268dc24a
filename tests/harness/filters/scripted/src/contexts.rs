//! The SDK's contexts: each callback does what the script says for it.

mod http;
mod root;

use proxy_wasm::hostcalls;
use proxy_wasm::types::BufferType;

pub(crate) use root::Root;

/// Reads all of a buffer, for what is read in every callback of its kind.
fn whole(buffer: BufferType, size: usize) -> Vec<u8> {
    let bytes = hostcalls::get_buffer(buffer, 0, size);
    bytes.ok().flatten().unwrap_or_default()
}
