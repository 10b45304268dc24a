//! A request's context.

use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, MapType};

use crate::plugin::{Answer, Part, Place, Plugin};

/// The context of one request.
pub(crate) struct Http {
    context: u32,
    plugin: Plugin,
    path: String,
}

// === impl Http ===

impl Http {
    pub(crate) fn new(context: u32, plugin: Plugin) -> Self {
        Self {
            context,
            plugin,
            path: String::new(),
        }
    }

    fn run(&self, callback: &str, told: &[usize]) -> Answer {
        self.run_at(callback, told, Part::Any)
    }

    fn run_at(&self, callback: &str, told: &[usize], part: Part) -> Answer {
        self.plugin.run(Place {
            callback,
            context: self.context,
            path: &self.path,
            part,
            told,
        })
    }
}

impl HttpContext for Http {
    fn on_http_request_headers(&mut self, _: usize, end: bool) -> Action {
        let path = hostcalls::get_map_value_bytes(MapType::HttpRequestHeaders, ":path");
        let path = path.ok().flatten().unwrap_or_default();
        self.path = String::from_utf8_lossy(&path).into_owned();
        self.run_at("request_headers", &[end.into()], end.into())
            .action()
    }

    fn on_http_request_body(&mut self, size: usize, end: bool) -> Action {
        self.run_at("request_body", &[size, end.into()], end.into())
            .action()
    }

    fn on_http_request_trailers(&mut self, count: usize) -> Action {
        self.run("request_trailers", &[count]).action()
    }

    fn on_http_response_headers(&mut self, _: usize, end: bool) -> Action {
        self.run_at("response_headers", &[end.into()], end.into())
            .action()
    }

    fn on_http_response_body(&mut self, size: usize, end: bool) -> Action {
        self.run_at("response_body", &[size, end.into()], end.into())
            .action()
    }

    fn on_http_response_trailers(&mut self, count: usize) -> Action {
        self.run("response_trailers", &[count]).action()
    }

    fn on_log(&mut self) {
        self.run("log", &[]);
    }
}

impl Context for Http {
    fn on_http_call_response(&mut self, _: u32, headers: usize, body: usize, trailers: usize) {
        self.run("call_response", &[headers, body, trailers]);
    }

    fn on_grpc_call_response(&mut self, _: u32, status: u32, size: usize) {
        self.run("grpc_response", &[status as usize, size]);
    }

    fn on_grpc_stream_initial_metadata(&mut self, _: u32, _: u32) {
        self.run("grpc_initial", &[]);
    }

    fn on_grpc_stream_message(&mut self, _: u32, size: usize) {
        self.run("grpc_message", &[size]);
    }

    fn on_grpc_stream_trailing_metadata(&mut self, _: u32, _: u32) {
        self.run("grpc_trailing", &[]);
    }

    fn on_grpc_stream_close(&mut self, _: u32, status: u32) {
        self.run("grpc_close", &[status as usize]);
    }

    fn on_done(&mut self) -> bool {
        self.run("done", &[]).is_yes()
    }
}
