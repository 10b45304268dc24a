use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;

struct Greeting;

impl Context for Greeting {}

impl HttpContext for Greeting {
    fn on_http_request_headers(&mut self, _count: usize, _end: bool) -> Action {
        if self.get_http_request_header_bytes("x-name").is_none() {
            self.send_http_response(401, vec![], Some(b"Who are you?"));
            return Action::Pause;
        }
        self.set_http_request_header("x-greeting", Some("hello"));
        Action::Continue
    }
}

proxy_wasm::main! {{
    proxy_wasm::set_http_context(|_, _| Box::new(Greeting));
}}
