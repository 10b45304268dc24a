//! What the host calls. `filter/link` exports each as `proxy_..`, in the place of the SDK's: that one
//! panics on a context it does not know, wants to have sent the callout whose answer it takes in, and
//! holds a request in one way only.

use keystile_core::exchange::Rest;

use crate::host::contexts;
use crate::host::http::Action;

/// What a callback returns: `FilterHeadersStatus` and its like of proxy-wasm-cpp-host; other hosts hold
/// a request by any number but the first. The last is `StopAllIterationAndWatermark`, which there is at
/// the head only: the client is not read from any more, so that what it goes on sending is not more
/// than the host may keep.
const CONTINUE: u32 = 0;
const PAUSE: u32 = 1;
const PAUSE_WITH_BODY: u32 = 4;

#[unsafe(no_mangle)]
extern "C" fn keystile_on_context_create(context: u32, root: u32) {
    contexts::on_create(context, root);
}

#[unsafe(no_mangle)]
extern "C" fn keystile_on_configure(root: u32, size: usize) -> bool {
    contexts::on_configure(root, size)
}

#[unsafe(no_mangle)]
extern "C" fn keystile_on_tick(root: u32) {
    contexts::on_tick(root);
}

#[unsafe(no_mangle)]
extern "C" fn keystile_on_queue_ready(root: u32, _queue: u32) {
    contexts::on_queue_ready(root);
}

#[unsafe(no_mangle)]
extern "C" fn keystile_on_http_call_response(
    root: u32,
    token: u32,
    header_count: usize,
    body_size: usize,
    _trailer_count: usize,
) {
    contexts::on_http_call_response(root, token, (header_count, body_size));
}

#[unsafe(no_mangle)]
extern "C" fn keystile_on_request_headers(
    context: u32,
    _header_count: usize,
    end_of_stream: u32,
) -> u32 {
    match contexts::on_head(context, rest(end_of_stream)) {
        Action::Continue => CONTINUE,
        Action::PauseForBody => PAUSE,
        Action::Pause => PAUSE_WITH_BODY,
    }
}

#[unsafe(no_mangle)]
extern "C" fn keystile_on_request_body(context: u32, size: usize, end_of_stream: u32) -> u32 {
    status(contexts::on_body(context, size, rest(end_of_stream)))
}

#[unsafe(no_mangle)]
extern "C" fn keystile_on_request_trailers(context: u32, _trailer_count: usize) -> u32 {
    status(contexts::on_trailers(context))
}

#[unsafe(no_mangle)]
extern "C" fn keystile_on_delete(context: u32) {
    contexts::on_delete(context);
}

fn status(action: Action) -> u32 {
    match action {
        Action::Continue => CONTINUE,
        Action::Pause | Action::PauseForBody => PAUSE,
    }
}

fn rest(end_of_stream: u32) -> Rest {
    match end_of_stream {
        0 => Rest::Something,
        _ => Rest::Nothing,
    }
}
