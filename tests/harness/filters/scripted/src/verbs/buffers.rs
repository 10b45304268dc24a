//! Bodies and other buffers.

use proxy_wasm::hostcalls;
use proxy_wasm::types::BufferType;

use super::{bytes, ended, found, number};
use crate::status;

pub(super) fn perform(words: &[&str]) -> Option<String> {
    Some(match *words {
        ["read", buffer, start, most] => found(hostcalls::get_buffer(
            kind(buffer)?,
            number(start),
            number(most),
        )),
        ["write", buffer, start, size, text] => ended(hostcalls::set_buffer(
            kind(buffer)?,
            number(start),
            number(size),
            &bytes(text),
        )),
        ["try-write", buffer, start, size, text] => {
            let range = (number(start), number(size));
            status::write(kind(buffer)?, range, text)
        }
        ["try-read", buffer] => status::read(kind(buffer)?),
        ["try-length", buffer] => status::length(kind(buffer)?),
        _ => return None,
    })
}

fn kind(buffer: &str) -> Option<BufferType> {
    Some(match buffer {
        "request" => BufferType::HttpRequestBody,
        "response" => BufferType::HttpResponseBody,
        "downstream" => BufferType::DownstreamData,
        "answer" => BufferType::HttpCallResponseBody,
        "grpc" => BufferType::GrpcReceiveBuffer,
        "vm" => BufferType::VmConfiguration,
        "plugin" => BufferType::PluginConfiguration,
        "call-data" => BufferType::CallData,
        _ => return None,
    })
}
