//! What a proxy calls in the filter.

/// Every export that stays; each has to be there.
///
/// A callback that the filter comes to need has to be added here: without its export the host
/// skips it (proxy-wasm ABI 0.2.1, "Functions exposed by the module").
pub(crate) const KEPT: [&str; 14] = [
    "_initialize",
    "malloc",
    "memory",
    "proxy_abi_version_0_2_1",
    "proxy_on_configure",
    "proxy_on_context_create",
    // The SDK forgets a context here.
    "proxy_on_delete",
    "proxy_on_http_call_response",
    "proxy_on_queue_ready",
    "proxy_on_request_body",
    "proxy_on_request_headers",
    "proxy_on_request_trailers",
    "proxy_on_tick",
    "proxy_on_vm_start",
];

/// Callbacks that the filter has under names of its own, and what they are exported as: the SDK has
/// them, too, and where there is ours, its own is not exported.
pub(crate) const OURS: [(&str, &str); 2] = [
    (
        "keystile_on_http_call_response",
        "proxy_on_http_call_response",
    ),
    ("keystile_on_request_headers", "proxy_on_request_headers"),
];

/// Returns the name an export stays by; `None` if it goes.
pub(crate) fn kept_name(name: &str) -> Option<&'static str> {
    let ours = OURS.into_iter().find(|(own, _)| *own == name);
    let name = ours.map_or(name, |(_, exported)| exported);
    KEPT.into_iter().find(|kept| *kept == name)
}
