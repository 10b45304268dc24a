//! The escapes of a string (RFC 8259, section 7).

use std::borrow::Cow;

/// Resolves the escapes of a string that is valid; `None` if half a surrogate pair is among them,
/// which decoders treat differently.
pub(super) fn unescape(raw: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !raw.contains(&b'\\') {
        return Some(Cow::Borrowed(raw));
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((first, after)) = rest.split_first() {
        rest = if *first == b'\\' {
            unescape_one(after, &mut bytes)?
        } else {
            bytes.push(*first);
            after
        };
    }
    Some(Cow::Owned(bytes))
}

/// Resolves what follows a backslash and returns what follows that.
fn unescape_one<'a>(text: &'a [u8], bytes: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (first, after) = text.split_first()?;
    let byte = match first {
        b'u' => {
            let (character, after) = character(after)?;
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            return Some(after);
        }
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => *other,
    };
    bytes.push(byte);
    Some(after)
}

fn character(text: &[u8]) -> Option<(char, &[u8])> {
    let (unit, after) = code_unit(text)?;
    if let Some(character) = char::from_u32(u32::from(unit)) {
        return Some((character, after));
    }
    let (low, after) = code_unit(after.strip_prefix(b"\\u")?)?;
    let character = char::decode_utf16([unit, low]).next()?.ok()?;
    Some((character, after))
}

fn code_unit(text: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, after) = text.split_at_checked(4)?;
    let digits = core::str::from_utf8(digits).ok()?;
    Some((u16::from_str_radix(digits, 16).ok()?, after))
}
