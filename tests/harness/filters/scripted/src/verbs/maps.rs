//! Header maps. What the proxy adds to them is nobody's business here: `all` tells of names that
//! begin with `t-`.

#![expect(
    clippy::disallowed_methods,
    reason = "what panics on bytes that are no text is part of the SDK, too"
)]

use proxy_wasm::hostcalls;
use proxy_wasm::types::MapType;

use super::{bytes, ended, found, readable, told};
use crate::status;

pub(super) fn perform(words: &[&str]) -> Option<String> {
    Some(match *words {
        ["get", map, name] => found(hostcalls::get_map_value_bytes(kind(map)?, name)),
        ["text", map, name] => told(hostcalls::get_map_value(kind(map)?, name), |text| {
            format!("{text:?}")
        }),
        ["all", map] => told(hostcalls::get_map_bytes(kind(map)?), |pairs| list(&pairs)),
        ["texts", map] => told(hostcalls::get_map(kind(map)?), |pairs| {
            let ours = pairs.iter().filter(|(name, _)| name.starts_with("t-"));
            format!("{:?}", ours.collect::<Vec<_>>())
        }),
        ["add", map, name, value] => {
            let value = bytes(value);
            ended(hostcalls::add_map_value_bytes(kind(map)?, name, &value))
        }
        ["set", map, name, value] => {
            let value = bytes(value);
            ended(hostcalls::set_map_value_bytes(
                kind(map)?,
                name,
                Some(&value),
            ))
        }
        ["remove", map, name] => ended(hostcalls::remove_map_value(kind(map)?, name)),
        ["replace-all", map] => replace_all(kind(map)?),
        ["try-get", map, name] => status::get(kind(map)?, name),
        ["try-set", map, name, value] => status::set(kind(map)?, name, value),
        ["try-size", map] => status::size(kind(map)?),
        _ => return None,
    })
}

fn kind(map: &str) -> Option<MapType> {
    Some(match map {
        "request" => MapType::HttpRequestHeaders,
        "request-trailers" => MapType::HttpRequestTrailers,
        "response" => MapType::HttpResponseHeaders,
        "response-trailers" => MapType::HttpResponseTrailers,
        "grpc-initial" => MapType::GrpcReceiveInitialMetadata,
        "grpc-trailing" => MapType::GrpcReceiveTrailingMetadata,
        "answer" => MapType::HttpCallResponseHeaders,
        "answer-trailers" => MapType::HttpCallResponseTrailers,
        _ => return None,
    })
}

fn list(pairs: &[(String, Vec<u8>)]) -> String {
    let ours = pairs.iter().filter(|(name, _)| name.starts_with("t-"));
    let texts: Vec<_> = ours
        .map(|(name, value)| format!("{name}={}", readable(value)))
        .collect();
    texts.join(" ")
}

/// Writes the whole map anew: the tests' headers go, one comes.
fn replace_all(map: MapType) -> String {
    let pairs = hostcalls::get_map_bytes(map).unwrap_or_default();
    let others = pairs.iter().filter(|(name, _)| !name.starts_with("t-"));
    let mut new: Vec<_> = others
        .map(|(name, value)| (name.as_str(), value.as_slice()))
        .collect();
    new.push(("t-new", b"only"));
    ended(hostcalls::set_map_bytes(map, new))
}
