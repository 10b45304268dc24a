//! How a list of pairs travels through a module's memory.
//!
//! The count, then the two lengths of each pair, then name, NUL, value, NUL for each. A list the
//! host cannot read counts as empty, as in proxy-wasm-cpp-host `src/pairs_util.cc`.

use crate::headers::Headers;

/// proxy-wasm-cpp-host `limits.h`: what a host accepts from a module.
const MOST_BYTES: usize = 1024 * 1024;
const MOST_PAIRS: u32 = 1024;

/// Writes `headers` the way a module reads them.
pub(crate) fn encode(headers: &Headers) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(headers.byte_size() + headers.len() * 10 + 4);
    bytes.extend_from_slice(&length(headers.len()));
    for (name, value) in headers.iter() {
        bytes.extend_from_slice(&length(name.len()));
        bytes.extend_from_slice(&length(value.len()));
    }
    for (name, value) in headers.iter() {
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(value);
        bytes.push(0);
    }
    bytes
}

/// Reads what a module wrote; anything malformed is an empty list.
pub(crate) fn decode(bytes: &[u8]) -> Headers {
    if bytes.len() > MOST_BYTES {
        return Headers::new();
    }
    read_pairs(bytes).unwrap_or_default()
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}

fn read_pairs(mut rest: &[u8]) -> Option<Headers> {
    let count = read_length(&mut rest)?;
    if count > MOST_PAIRS {
        return None;
    }
    let mut sizes = Vec::new();
    for _ in 0..count {
        sizes.push((read_length(&mut rest)?, read_length(&mut rest)?));
    }
    let mut headers = Headers::new();
    for (name, value) in sizes {
        let name = String::from_utf8_lossy(read_terminated(&mut rest, name)?).into_owned();
        headers.add(&name, read_terminated(&mut rest, value)?);
    }
    rest.is_empty().then_some(headers)
}

fn read_length(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, tail) = rest.split_first_chunk::<4>()?;
    *rest = tail;
    Some(u32::from_le_bytes(*bytes))
}

fn read_terminated<'a>(rest: &mut &'a [u8], length: u32) -> Option<&'a [u8]> {
    let (bytes, tail) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let (terminator, tail) = tail.split_first()?;
    *rest = tail;
    (*terminator == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let headers = Headers::from([(":path", "/"), ("x-empty", ""), ("x-one", "1")]);
        assert_eq!(decode(&encode(&headers)), headers);
    }

    #[test]
    fn a_malformed_list_is_an_empty_one() {
        let good = encode(&Headers::from([("name", "value")]));
        let cut = &good[..good.len() - 1];
        let long = [good.as_slice(), b"x"].concat();
        for bytes in [cut, long.as_slice(), &[], &[0xff; 4], &[2, 0, 0, 0]] {
            assert!(decode(bytes).is_empty(), "{bytes:?}");
        }
    }
}
