//! The smallest filter the proxy-wasm SDK makes: it reads one header and compares it.
//!
//! What it adds to a request is what any such filter adds; `./just bench` measures ours against it.

use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, MapType};

/// The one key there is.
const KEY: &[u8] = b"ks_0123456789ABCDEFGHIJKLMNOPQRSTUV08Wbiv";

struct Http;

// === impl Http ===

impl Context for Http {}

impl HttpContext for Http {
    fn on_http_request_headers(&mut self, _header_count: usize, _end_of_stream: bool) -> Action {
        let key = hostcalls::get_map_value_bytes(MapType::HttpRequestHeaders, "apikey");
        if matches!(key, Ok(Some(key)) if key == KEY) {
            return Action::Continue;
        }
        // The host refuses nothing of this; if it did, the request would stay where it is.
        let _ = hostcalls::send_http_response(401, Vec::new(), None);
        Action::Pause
    }
}

/// Where the proxy begins.
mod start {
    use proxy_wasm::traits::HttpContext;

    proxy_wasm::main! {{
        proxy_wasm::set_http_context(|_, _| -> Box<dyn HttpContext> { Box::new(super::Http) });
    }}
}
