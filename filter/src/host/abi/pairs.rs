//! Header maps as hosts write them (proxy-wasm ABI 0.2.1, "Serialization"): the number of pairs, the
//! sizes of all names and values, then names and values, each with a zero at its end.

/// Reads a header map; `None` if it is none, or a name is not text, so that it could not be removed.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let mut rest = bytes;
    let count = take_size(&mut rest)?;
    let mut sizes = take(&mut rest, count.checked_mul(8)?)?;
    let mut pairs = Vec::with_capacity(count);
    for _ in 0..count {
        let (name, value) = (take_size(&mut sizes)?, take_size(&mut sizes)?);
        let name = str::from_utf8(take_ended(&mut rest, name)?).ok()?;
        pairs.push((name.to_owned(), take_ended(&mut rest, value)?.to_vec()));
    }
    Some(pairs)
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

fn take<'a>(rest: &mut &'a [u8], size: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(size)?;
    *rest = left;
    Some(taken)
}

fn take_size(rest: &mut &[u8]) -> Option<usize> {
    let bytes = take(rest, 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

fn take_ended<'a>(rest: &mut &'a [u8], size: usize) -> Option<&'a [u8]> {
    let bytes = take(rest, size.checked_add(1)?)?;
    bytes.get(..size)
}
