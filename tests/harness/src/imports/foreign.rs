//! Foreign functions: Envoy's own that a filter of requests uses, and those a test brings.

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib;
use wasmtime::{Linker, Result};

use crate::abi::status::Status;
use crate::memory::{Call, Done};
use crate::state::State;

/// How well Envoy compresses: zlib's default.
const ENVOYS_LEVEL: u8 = 6;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    link!(
        linker,
        CallForeignFunction,
        |call, name, length, arguments, size, result, result_size| {
            let name = call.read_text((name, length))?;
            let arguments = call.read((arguments, size))?;
            let answer = invoke(call.state_mut(), &name, &arguments)?;
            give_optional(call, &answer, (result, result_size))
        }
    );
    Ok(())
}

fn invoke(state: &mut State, name: &str, arguments: &[u8]) -> std::result::Result<Vec<u8>, Status> {
    if let Some(function) = state.settings.foreign_functions.get(name) {
        return function.call(arguments);
    }
    match name {
        "clear_route_cache" => {
            if let Some(stream) = state.stream_mut() {
                stream.route_cache_clears += 1;
            }
        }
        "set_envoy_filter_state" => {
            let (path, value) = filter_state(arguments).ok_or(Status::BadArgument)?;
            // Envoy keeps only what one of its factories makes, such as `envoy.string`.
            if !path.starts_with(b"envoy.") {
                return Err(Status::NotFound);
            }
            let stream = state.stream_mut().ok_or(Status::NotFound)?;
            stream.filter_state.insert(path, value);
        }
        // What a property's values look like; the host keeps bytes anyway.
        "declare_property" => drop(filter_state(arguments).ok_or(Status::BadArgument)?),
        "compress" => return Ok(compress_to_vec_zlib(arguments, ENVOYS_LEVEL)),
        "uncompress" => {
            let bytes = decompress_to_vec_zlib(arguments);
            return bytes.map_err(|_| Status::SerializationFailure);
        }
        _ => return Err(Status::NotFound),
    }
    Ok(Vec::new())
}

/// A caller that wants no result passes null pointers.
fn give_optional(call: &mut Call<'_, '_>, answer: &[u8], (data, size): (u32, u32)) -> Done {
    if data == 0 || size == 0 {
        return Ok(());
    }
    call.give(answer, (data, size))
}

/// Reads the strings `path` (1) and `value` (2) of Envoy's `SetEnvoyFilterStateArguments`.
fn filter_state(mut bytes: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut path, mut value) = (Vec::new(), Vec::new());
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let number = varint(&mut bytes)?;
        match key & 7 {
            0 => {}
            2 => {
                let (text, rest) = bytes.split_at_checked(usize::try_from(number).ok()?)?;
                bytes = rest;
                match key >> 3 {
                    1 => path = text.to_vec(),
                    2 => value = text.to_vec(),
                    _ => {}
                }
            }
            _ => return None,
        }
    }
    Some((path, value))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_state_arguments_are_read_and_nonsense_is_refused() {
        let good = b"\x0a\x03key\x12\x05value\x18\x01";
        let expected = (b"key".to_vec(), b"value".to_vec());
        assert_eq!(filter_state(good), Some(expected));
        for bad in [&good[..4], b"\x0a", b"\x0f\x01", &[0xff; 12]] {
            assert_eq!(filter_state(bad), None, "{bad:?}");
        }
    }
}
