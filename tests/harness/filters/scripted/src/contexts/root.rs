//! The root context: what happens without a request.

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{BufferType, ContextType};

use super::http::Http;
use super::whole;
use crate::plugin::{Answer, Part, Place, Plugin};

/// The root context of a plugin.
pub(crate) struct Root {
    context: u32,
    plugin: Plugin,
}

// === impl Root ===

impl Root {
    pub(crate) fn new(context: u32) -> Self {
        Self {
            context,
            plugin: Plugin::default(),
        }
    }

    fn run(&self, callback: &str, told: &[usize]) -> Answer {
        self.plugin.run(Place {
            callback,
            context: self.context,
            path: "",
            part: Part::Any,
            told,
        })
    }
}

impl RootContext for Root {
    fn on_vm_start(&mut self, size: usize) -> bool {
        // What every plugin of the machine hears; only a script that refuses it wants to know.
        whole(BufferType::VmConfiguration, size) != b"refuse"
    }

    fn on_configure(&mut self, size: usize) -> bool {
        self.plugin
            .configure(&whole(BufferType::PluginConfiguration, size));
        self.run("configure", &[size]).is_yes()
    }

    fn on_tick(&mut self) {
        self.run("tick", &[]);
    }

    fn on_queue_ready(&mut self, _queue: u32) {
        self.run("queue_ready", &[]);
    }

    fn create_http_context(&self, context: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Http::new(context, self.plugin.clone())))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

impl Context for Root {
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

    fn on_foreign_function(&mut self, function: u32, size: usize) {
        self.run("foreign", &[function as usize, size]);
    }

    fn on_done(&mut self) -> bool {
        self.run("root_done", &[]).is_yes()
    }
}
