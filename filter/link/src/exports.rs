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

/// A callback that the filter has under a name of its own, and what it is exported as: the SDK has
/// it, too, and that one goes.
pub(crate) const OURS: (&str, &str) = (
    "keystile_on_http_call_response",
    "proxy_on_http_call_response",
);

/// Returns the name an export stays by; `None` if it goes.
pub(crate) fn kept_name(name: &str) -> Option<&'static str> {
    match name {
        _ if name == OURS.0 => Some(OURS.1),
        _ if name == OURS.1 => None,
        _ => KEPT.into_iter().find(|kept| *kept == name),
    }
}
