//! What a module calls in a host.

/// A host call, nameable so that a test can count it or make it fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostCall {
    /// `proxy_log`
    Log,
    /// `proxy_get_log_level`
    LogLevel,
    /// `proxy_get_current_time_nanoseconds`
    CurrentTime,
    /// `proxy_set_tick_period_milliseconds`
    SetTickPeriod,
    /// `proxy_get_buffer_bytes`
    GetBuffer,
    /// `proxy_get_buffer_status`
    BufferStatus,
    /// `proxy_set_buffer_bytes`
    SetBuffer,
    /// `proxy_get_header_map_pairs`
    GetHeaders,
    /// `proxy_set_header_map_pairs`
    SetHeaders,
    /// `proxy_get_header_map_size`
    HeadersSize,
    /// `proxy_get_header_map_value`
    GetHeader,
    /// `proxy_add_header_map_value`
    AddHeader,
    /// `proxy_replace_header_map_value`
    SetHeader,
    /// `proxy_remove_header_map_value`
    RemoveHeader,
    /// `proxy_get_property`
    GetProperty,
    /// `proxy_set_property`
    SetProperty,
    /// `proxy_get_shared_data`
    GetSharedData,
    /// `proxy_set_shared_data`
    SetSharedData,
    /// `proxy_register_shared_queue`
    RegisterQueue,
    /// `proxy_resolve_shared_queue`
    ResolveQueue,
    /// `proxy_enqueue_shared_queue`
    Enqueue,
    /// `proxy_dequeue_shared_queue`
    Dequeue,
    /// `proxy_continue_stream`
    ContinueStream,
    /// `proxy_close_stream`
    CloseStream,
    /// `proxy_send_local_response`
    SendLocalResponse,
    /// `proxy_http_call`
    HttpCall,
    /// `proxy_grpc_call`
    GrpcCall,
    /// `proxy_grpc_stream`
    GrpcStream,
    /// `proxy_grpc_send`
    GrpcSend,
    /// `proxy_grpc_close`
    GrpcClose,
    /// `proxy_grpc_cancel`
    GrpcCancel,
    /// `proxy_get_status`
    GetStatus,
    /// `proxy_define_metric`
    DefineMetric,
    /// `proxy_get_metric`
    GetMetric,
    /// `proxy_record_metric`
    RecordMetric,
    /// `proxy_increment_metric`
    IncrementMetric,
    /// `proxy_set_effective_context`
    SetEffectiveContext,
    /// `proxy_done`
    Done,
    /// `proxy_call_foreign_function`
    CallForeignFunction,
}

impl HostCall {
    /// Every host call, for tests that try each.
    pub const ALL: [Self; 39] = [
        Self::Log,
        Self::LogLevel,
        Self::CurrentTime,
        Self::SetTickPeriod,
        Self::GetBuffer,
        Self::BufferStatus,
        Self::SetBuffer,
        Self::GetHeaders,
        Self::SetHeaders,
        Self::HeadersSize,
        Self::GetHeader,
        Self::AddHeader,
        Self::SetHeader,
        Self::RemoveHeader,
        Self::GetProperty,
        Self::SetProperty,
        Self::GetSharedData,
        Self::SetSharedData,
        Self::RegisterQueue,
        Self::ResolveQueue,
        Self::Enqueue,
        Self::Dequeue,
        Self::ContinueStream,
        Self::CloseStream,
        Self::SendLocalResponse,
        Self::HttpCall,
        Self::GrpcCall,
        Self::GrpcStream,
        Self::GrpcSend,
        Self::GrpcClose,
        Self::GrpcCancel,
        Self::GetStatus,
        Self::DefineMetric,
        Self::GetMetric,
        Self::RecordMetric,
        Self::IncrementMetric,
        Self::SetEffectiveContext,
        Self::Done,
        Self::CallForeignFunction,
    ];
}
