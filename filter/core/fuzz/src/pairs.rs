//! A second opinion on which arguments and fields are a key's.

/// Returns the bytes without every pair of these names.
pub(crate) fn without(bytes: &[u8], names: &[&str]) -> Vec<u8> {
    let kept: Vec<&[u8]> = bytes
        .split(|byte| *byte == b'&')
        .filter(|pair| {
            let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
            !names
                .iter()
                .any(|wanted| decoded(name) == wanted.as_bytes())
        })
        .collect();
    kept.join(&b'&')
}

/// Decodes from the left, in place of what stands there.
fn decoded(name: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < name.len() {
        let escape = name
            .get(at + 1..at + 3)
            .filter(|digits| name[at] == b'%' && digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| core::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(match (escape, name[at]) {
            (Some(byte), _) => byte,
            (None, b'+') => b' ',
            (None, byte) => byte,
        });
        at += if escape.is_some() { 3 } else { 1 };
    }
    bytes
}
