//! What a module calls in a host.

/// Writes the enum and what is known of each of its variants from one table.
macro_rules! host_calls {
    ($($name:ident => $import:literal,)*) => {
        /// A host call, nameable so that a test can count it or make it fail.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum HostCall {
            $(#[doc = concat!("`", $import, "`")] $name,)*
        }

        impl HostCall {
            /// Every host call, for tests that try each.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Returns the name a module imports it under.
            pub fn import(self) -> &'static str {
                match self {
                    $(Self::$name => $import,)*
                }
            }
        }
    };
}

host_calls! {
    Log => "proxy_log",
    LogLevel => "proxy_get_log_level",
    CurrentTime => "proxy_get_current_time_nanoseconds",
    SetTickPeriod => "proxy_set_tick_period_milliseconds",
    GetBuffer => "proxy_get_buffer_bytes",
    BufferStatus => "proxy_get_buffer_status",
    SetBuffer => "proxy_set_buffer_bytes",
    GetHeaders => "proxy_get_header_map_pairs",
    SetHeaders => "proxy_set_header_map_pairs",
    HeadersSize => "proxy_get_header_map_size",
    GetHeader => "proxy_get_header_map_value",
    AddHeader => "proxy_add_header_map_value",
    SetHeader => "proxy_replace_header_map_value",
    RemoveHeader => "proxy_remove_header_map_value",
    GetProperty => "proxy_get_property",
    SetProperty => "proxy_set_property",
    GetSharedData => "proxy_get_shared_data",
    SetSharedData => "proxy_set_shared_data",
    RegisterQueue => "proxy_register_shared_queue",
    ResolveQueue => "proxy_resolve_shared_queue",
    Enqueue => "proxy_enqueue_shared_queue",
    Dequeue => "proxy_dequeue_shared_queue",
    ContinueStream => "proxy_continue_stream",
    CloseStream => "proxy_close_stream",
    SendLocalResponse => "proxy_send_local_response",
    HttpCall => "proxy_http_call",
    GrpcCall => "proxy_grpc_call",
    GrpcStream => "proxy_grpc_stream",
    GrpcSend => "proxy_grpc_send",
    GrpcClose => "proxy_grpc_close",
    GrpcCancel => "proxy_grpc_cancel",
    GetStatus => "proxy_get_status",
    DefineMetric => "proxy_define_metric",
    GetMetric => "proxy_get_metric",
    RecordMetric => "proxy_record_metric",
    IncrementMetric => "proxy_increment_metric",
    SetEffectiveContext => "proxy_set_effective_context",
    Done => "proxy_done",
    CallForeignFunction => "proxy_call_foreign_function",
}
