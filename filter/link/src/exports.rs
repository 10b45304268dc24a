//! What a proxy calls in the filter.

/// Every export that stays; each has to be there.
///
/// A callback that the filter comes to need has to be added here: without its export the host
/// skips it (proxy-wasm ABI 0.2.1, "Functions exposed by the module").
pub(crate) const KEPT: [&str; 13] = [
    "_initialize",
    "malloc",
    "memory",
    "proxy_abi_version_0_2_1",
    "proxy_on_configure",
    "proxy_on_context_create",
    "proxy_on_delete",
    "proxy_on_http_call_response",
    "proxy_on_queue_ready",
    "proxy_on_request_body",
    "proxy_on_request_headers",
    "proxy_on_request_trailers",
    "proxy_on_tick",
];

/// How the names begin of callbacks that are the filter's own, and how they are exported: the SDK has
/// them, too, and where there is one of ours, its own is not exported.
const OWN: &str = "keystile_on_";
const EXPORTED: &str = "proxy_on_";

/// Returns the name an export stays by; `None` if it goes.
pub(crate) fn kept_name(name: &str) -> Option<&'static str> {
    let is_it = |kept: &&str| match name.strip_prefix(OWN) {
        Some(event) => kept.strip_prefix(EXPORTED) == Some(event),
        None => name == *kept,
    };
    KEPT.into_iter().find(is_it)
}

/// Whether another export takes the place of this one.
pub(crate) fn is_replaced_by(name: &str, other: &str) -> bool {
    let event = name.strip_prefix(EXPORTED);
    event.is_some() && event == other.strip_prefix(OWN)
}
