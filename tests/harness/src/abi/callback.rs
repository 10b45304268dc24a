//! What a host calls in a module.

/// Writes the enum and what is known of each of its variants from one table.
macro_rules! callbacks {
    ($($name:ident => $export:literal,)*) => {
        /// A callback a module may export. A host skips those that are absent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Callback {
            $($name,)*
        }

        impl Callback {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Returns the name a module exports it under.
            pub(crate) fn export(self) -> &'static str {
                match self {
                    $(Self::$name => $export,)*
                }
            }
        }
    };
}

callbacks! {
    ContextCreate => "proxy_on_context_create",
    VmStart => "proxy_on_vm_start",
    Configure => "proxy_on_configure",
    Tick => "proxy_on_tick",
    QueueReady => "proxy_on_queue_ready",
    RequestHeaders => "proxy_on_request_headers",
    RequestBody => "proxy_on_request_body",
    RequestTrailers => "proxy_on_request_trailers",
    ResponseHeaders => "proxy_on_response_headers",
    ResponseBody => "proxy_on_response_body",
    ResponseTrailers => "proxy_on_response_trailers",
    HttpCallResponse => "proxy_on_http_call_response",
    GrpcInitialMetadata => "proxy_on_grpc_receive_initial_metadata",
    GrpcMessage => "proxy_on_grpc_receive",
    GrpcTrailingMetadata => "proxy_on_grpc_receive_trailing_metadata",
    GrpcClose => "proxy_on_grpc_close",
    ForeignFunction => "proxy_on_foreign_function",
    Log => "proxy_on_log",
    Done => "proxy_on_done",
    Delete => "proxy_on_delete",
}
