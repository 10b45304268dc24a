//! The host's functions (proxy-wasm ABI 0.2.1), those that the filter calls and no more, and in
//! [`callbacks`] those of ours that the host calls.
//!
//! The SDK's `hostcalls` panic on every status their list does not have and on text that is not
//! UTF-8, and a panic is a dead VM. Here whatever the host returns becomes a value, and what it
//! gives stays bytes.
#![expect(
    unsafe_code,
    reason = "a host calls by name and is called through pointers; nobody else in the filter does that"
)]

mod callbacks;
mod imports;
mod pairs;

use std::ptr;

use keystile_core::head::Head;
use proxy_wasm::types::{BufferType, LogLevel, MapType, MetricType};

/// The request, for a call that can be about either direction.
const REQUEST: u32 = 0;

/// What a host says to a `grpc-status` it shall find out itself.
const NO_GRPC_STATUS: i32 = -1;

/// Why the host did not do what it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostError {
    /// There is no such thing, or nothing in it.
    Absent,
    /// Somebody else was quicker.
    Contended,
    /// It cannot, may not, or gave something that cannot be read.
    Refused,
}

/// A request to another cluster.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// The proxy's name for the cluster.
    pub(super) cluster: &'a str,
    /// The header map, pseudo-headers included.
    pub(super) headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub(super) body: &'a [u8],
    /// How long the answer may take.
    pub(super) timeout_ms: u32,
}

/// Where the host notes what it has put into our memory.
struct Given {
    data: *mut u8,
    size: usize,
}

/// Writes a line to the proxy's log.
pub(super) fn log(level: LogLevel, line: &str) -> Result<(), HostError> {
    // SAFETY: the pointers are those of slices that outlive the call; so in every call below.
    done(unsafe { imports::proxy_log(level as u32, line.as_ptr(), line.len()) })
}

/// Returns the time, in nanoseconds since the Unix epoch.
pub(super) fn current_time() -> Result<u64, HostError> {
    let mut time = 0;
    // SAFETY: the host writes eight bytes, and `time` has them.
    done(unsafe { imports::proxy_get_current_time_nanoseconds(&raw mut time) }).map(|()| time)
}

/// Has the context's ticks come this often, in milliseconds.
pub(super) fn set_tick_period(period_ms: u32) -> Result<(), HostError> {
    done(imports::proxy_set_tick_period_milliseconds(period_ms))
}

/// Returns what is in a buffer, up to so many bytes.
pub(super) fn buffer(kind: BufferType, most: usize) -> Result<Vec<u8>, HostError> {
    // SAFETY: as in `given`.
    given(|data, size| unsafe { imports::proxy_get_buffer_bytes(kind as u32, 0, most, data, size) })
}

/// Replaces all that is in a buffer.
pub(super) fn set_buffer(kind: BufferType, bytes: &[u8]) -> Result<(), HostError> {
    let (data, size) = (bytes.as_ptr(), bytes.len());
    // Any length from 0 on that is not shorter than what is there replaces all of it.
    // SAFETY: as in `log`.
    done(unsafe { imports::proxy_set_buffer_bytes(kind as u32, 0, usize::MAX, data, size) })
}

/// Returns a header map: in order, repeats kept, values as they came.
pub(super) fn headers(map: MapType) -> Result<Head, HostError> {
    // SAFETY: as in `given`.
    let bytes =
        given(|data, size| unsafe { imports::proxy_get_header_map_pairs(map as u32, data, size) })?;
    pairs::decode(bytes).ok_or(HostError::Refused)
}

/// Returns the first value of a header.
pub(super) fn header(map: MapType, name: &str) -> Result<Vec<u8>, HostError> {
    let (name, length) = (name.as_ptr(), name.len());
    // SAFETY: as in `given`, and as in `log`.
    given(|data, size| unsafe {
        imports::proxy_get_header_map_value(map as u32, name, length, data, size)
    })
}

/// Sets a header; it has one value then.
pub(super) fn set_header(map: MapType, name: &str, value: &[u8]) -> Result<(), HostError> {
    let (data, size) = (value.as_ptr(), value.len());
    // SAFETY: as in `log`.
    done(unsafe {
        imports::proxy_replace_header_map_value(map as u32, name.as_ptr(), name.len(), data, size)
    })
}

/// Removes every value of a header.
pub(super) fn remove_header(map: MapType, name: &[u8]) -> Result<(), HostError> {
    // SAFETY: as in `log`.
    done(unsafe { imports::proxy_remove_header_map_value(map as u32, name.as_ptr(), name.len()) })
}

/// Returns a property by its path, whose parts have a zero between them.
pub(super) fn property(path: &str) -> Result<Vec<u8>, HostError> {
    let (path, length) = (path.as_ptr(), path.len());
    // SAFETY: as in `given`, and as in `log`.
    given(|data, size| unsafe { imports::proxy_get_property(path, length, data, size) })
}

/// Sets a property of the request's own.
pub(super) fn set_property(path: &str, value: &[u8]) -> Result<(), HostError> {
    let (data, size) = (value.as_ptr(), value.len());
    // SAFETY: as in `log`.
    done(unsafe { imports::proxy_set_property(path.as_ptr(), path.len(), data, size) })
}

/// Returns what all VMs of this code share under a key, and what a change of it has to name.
pub(super) fn shared_data(key: &str) -> Result<(Vec<u8>, u32), HostError> {
    let mut cas = 0;
    let (key, length) = (key.as_ptr(), key.len());
    // SAFETY: as in `given`, and as in `log`; the host writes four bytes, and `cas` has them.
    let value = given(|data, size| unsafe {
        imports::proxy_get_shared_data(key, length, data, size, &raw mut cas)
    })?;
    Ok((value, cas))
}

/// Shares something under a key, unless it is no longer what `cas` stands for; 0 stands for anything.
pub(super) fn set_shared_data(key: &str, value: &[u8], cas: u32) -> Result<(), HostError> {
    let (data, size) = (value.as_ptr(), value.len());
    // SAFETY: as in `log`.
    done(unsafe { imports::proxy_set_shared_data(key.as_ptr(), key.len(), data, size, cas) })
}

/// Makes the context the consumer of a queue.
pub(super) fn register_queue(name: &str) -> Result<u32, HostError> {
    let mut queue = 0;
    // SAFETY: as in `log`; the host writes four bytes, and `queue` has them.
    done(unsafe { imports::proxy_register_shared_queue(name.as_ptr(), name.len(), &raw mut queue) })
        .map(|()| queue)
}

/// Appends to a queue.
pub(super) fn enqueue(queue: u32, value: &[u8]) -> Result<(), HostError> {
    // SAFETY: as in `log`.
    done(unsafe { imports::proxy_enqueue_shared_queue(queue, value.as_ptr(), value.len()) })
}

/// Takes the oldest of a queue off it.
pub(super) fn dequeue(queue: u32) -> Result<Vec<u8>, HostError> {
    // SAFETY: as in `given`.
    given(|data, size| unsafe { imports::proxy_dequeue_shared_queue(queue, data, size) })
}

/// Lets the held request go on.
pub(super) fn resume_request() -> Result<(), HostError> {
    done(imports::proxy_continue_stream(REQUEST))
}

/// Answers the request in the upstream's place.
pub(super) fn answer(status: u32, headers: &[(&str, &str)], body: &[u8]) -> Result<(), HostError> {
    let headers = pairs::encode(headers);
    // SAFETY: as in `log`; a null pointer of size 0 is an absent detail.
    done(unsafe {
        imports::proxy_send_local_response(
            status,
            ptr::null(),
            0,
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            NO_GRPC_STATUS,
        )
    })
}

/// Sends a request to another cluster; returns what its answer will be known by.
pub(super) fn call(call: &Call<'_>) -> Result<u32, HostError> {
    let mut token = 0;
    let headers = pairs::encode(call.headers);
    let trailers = pairs::encode(&[]);
    // SAFETY: as in `log`; the host writes four bytes, and `token` has them.
    done(unsafe {
        imports::proxy_http_call(
            call.cluster.as_ptr(),
            call.cluster.len(),
            headers.as_ptr(),
            headers.len(),
            call.body.as_ptr(),
            call.body.len(),
            trailers.as_ptr(),
            trailers.len(),
            call.timeout_ms,
            &raw mut token,
        )
    })
    .map(|()| token)
}

/// Makes the calls that follow be about another context.
pub(super) fn set_effective_context(context: u32) -> Result<(), HostError> {
    done(imports::proxy_set_effective_context(context))
}

/// Defines a metric; returns what it will be known by.
pub(super) fn define_metric(kind: MetricType, name: &str) -> Result<u32, HostError> {
    let mut metric = 0;
    // SAFETY: as in `log`; the host writes four bytes, and `metric` has them.
    done(unsafe {
        imports::proxy_define_metric(kind as u32, name.as_ptr(), name.len(), &raw mut metric)
    })
    .map(|()| metric)
}

/// Sets a gauge.
pub(super) fn record_metric(metric: u32, value: u64) -> Result<(), HostError> {
    done(imports::proxy_record_metric(metric, value))
}

/// Counts one.
pub(super) fn increment_metric(metric: u32) -> Result<(), HostError> {
    done(imports::proxy_increment_metric(metric, 1))
}

/// Reads a status: the ABI's numbers, and any that later ones may add.
fn done(status: u32) -> Result<(), HostError> {
    match status {
        0 => Ok(()),
        // `NotFound`, `Empty`.
        1 | 7 => Err(HostError::Absent),
        // `CasMismatch`.
        8 => Err(HostError::Contended),
        _ => Err(HostError::Refused),
    }
}

/// Makes a call that has the host put something into our memory.
fn given(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Result<Vec<u8>, HostError> {
    let mut given = Given {
        data: ptr::null_mut(),
        size: 0,
    };
    done(call(&raw mut given.data, &raw mut given.size))?;
    if given.data.is_null() {
        return Ok(Vec::new());
    }
    // SAFETY: the host had the SDK's `malloc` allocate `size` bytes, which is a boxed slice of
    // them that nobody else owns.
    Ok(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(given.data, given.size)) }.into_vec())
}
