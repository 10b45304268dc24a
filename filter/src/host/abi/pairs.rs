//! Header maps as hosts write them (proxy-wasm ABI 0.2.1, "Serialization"): the number of pairs, the
//! sizes of all names and values, then names and values, each with a zero at its end.

use keystile_core::head::{Field, Head};

/// How many bytes a number or a size takes.
const SIZE: usize = 4;

/// Reads a header map, which stays where it is; `None` if it is none.
pub(super) fn decode(bytes: Vec<u8>) -> Option<Head> {
    let fields = locate(&bytes)?;
    Some(Head::new(bytes, fields))
}

fn locate(bytes: &[u8]) -> Option<Vec<Field>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let (count, sizes) = take_size(bytes)?;
    let (mut sizes, text) = sizes.split_at_checked(count.checked_mul(2 * SIZE)?)?;
    let mut end = bytes.len() - text.len();
    // Each name and each value has a zero at its end.
    let mut next = |size: usize| {
        let start = end;
        end = start.checked_add(size)?.checked_add(1)?;
        Some(start..end - 1)
    };
    let mut fields = Vec::with_capacity(count);
    while !sizes.is_empty() {
        let (name, after) = take_size(sizes)?;
        let (value, after) = take_size(after)?;
        let (name, value) = (next(name)?, next(value)?);
        fields.push(Field { name, value });
        sizes = after;
    }
    (end <= bytes.len()).then_some(fields)
}

/// Writes a header map.
pub(super) fn encode(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = size_of(pairs.len()).to_vec();
    for (name, value) in pairs {
        bytes.extend(size_of(name.len()));
        bytes.extend(size_of(value.len()));
    }
    for (name, value) in pairs {
        bytes.extend(name.as_bytes());
        bytes.push(0);
        bytes.extend(value.as_bytes());
        bytes.push(0);
    }
    bytes
}

fn size_of(size: usize) -> [u8; 4] {
    u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes()
}

fn take_size(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (size, rest) = bytes.split_first_chunk()?;
    let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
    Some((size, rest))
}
