//! Host calls whose status the SDK does not tell: it panics where one is unexpected, and does not
//! know two calls at all.
#![expect(unsafe_code, reason = "a host is called through pointers")]

use std::ptr;

use proxy_wasm::types::{BufferType, MapType};

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_get_header_map_value(
        map: u32,
        name: *const u8,
        name_size: usize,
        value: *mut *mut u8,
        value_size: *mut usize,
    ) -> u32;
    fn proxy_replace_header_map_value(
        map: u32,
        name: *const u8,
        name_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
    fn proxy_get_header_map_size(map: u32, size: *mut usize) -> u32;
    fn proxy_get_buffer_bytes(
        buffer: u32,
        start: usize,
        most: usize,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> u32;
    fn proxy_set_buffer_bytes(
        buffer: u32,
        start: usize,
        old_size: usize,
        data: *const u8,
        size: usize,
    ) -> u32;
    fn proxy_get_buffer_status(buffer: u32, size: *mut usize, flags: *mut u32) -> u32;
}

/// Says what reading a header returns. The value stays where it is: a test's machine is short-lived.
pub(crate) fn get(map: MapType, name: &str) -> String {
    let (mut value, mut size) = (ptr::null_mut(), 0);
    // SAFETY: the pointers outlive the call; so in every call below.
    name_of(unsafe {
        proxy_get_header_map_value(
            map as u32,
            name.as_ptr(),
            name.len(),
            &raw mut value,
            &raw mut size,
        )
    })
}

/// Says what setting a header returns.
pub(crate) fn set(map: MapType, name: &str, value: &str) -> String {
    // SAFETY: see `get`.
    name_of(unsafe {
        proxy_replace_header_map_value(
            map as u32,
            name.as_ptr(),
            name.len(),
            value.as_ptr(),
            value.len(),
        )
    })
}

/// Says what asking for a map's size returns, and whether there is anything in it.
pub(crate) fn size(map: MapType) -> String {
    let mut size = 0;
    // SAFETY: see `get`.
    let status = unsafe { proxy_get_header_map_size(map as u32, &raw mut size) };
    format!("{} {}", name_of(status), size > 0)
}

/// Says what reading a buffer returns.
pub(crate) fn read(buffer: BufferType) -> String {
    let (mut data, mut size) = (ptr::null_mut(), 0);
    // SAFETY: see `get`.
    let status =
        unsafe { proxy_get_buffer_bytes(buffer as u32, 0, 1_000, &raw mut data, &raw mut size) };
    format!("{} {size}", name_of(status))
}

/// Says what changing a buffer returns.
pub(crate) fn write(buffer: BufferType, (start, size): (usize, usize), text: &str) -> String {
    // SAFETY: see `get`.
    name_of(unsafe {
        proxy_set_buffer_bytes(buffer as u32, start, size, text.as_ptr(), text.len())
    })
}

/// Says what asking for a buffer's length returns.
pub(crate) fn length(buffer: BufferType) -> String {
    let (mut size, mut flags) = (0, 0);
    // SAFETY: see `get`.
    let status = unsafe { proxy_get_buffer_status(buffer as u32, &raw mut size, &raw mut flags) };
    format!("{} {size} {flags}", name_of(status))
}

fn name_of(status: u32) -> String {
    let name = match status {
        0 => "Ok",
        1 => "NotFound",
        2 => "BadArgument",
        6 => "InvalidMemoryAccess",
        10 => "InternalFailure",
        12 => "Unimplemented",
        other => return other.to_string(),
    };
    name.to_owned()
}
