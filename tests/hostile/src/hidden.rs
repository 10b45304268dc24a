//! Looks for a key in what reached the upstream, in encoded form too.

use cases::tally::{Mismatch, shown};
use stage::upstream::Recorded;

/// Which forms of a key are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forms {
    /// The key as it is.
    Plain,
    /// What percent-decoding and JSON unescaping turn into the key, too.
    Encoded,
}

/// Lists the places where one of these secrets reached the upstream.
pub(crate) fn judge(arrival: &Recorded, secrets: &[Vec<u8>], forms: Forms) -> Vec<Mismatch> {
    let trailers = arrival.body.iter().flat_map(|body| &body.trailers);
    let trailers: Vec<u8> = trailers
        .flat_map(|line| [&line.name, &b": "[..], &line.value, b"\r\n"].concat())
        .collect();
    let parts = [
        ("upstream head", arrival.head.raw.as_slice()),
        ("upstream body", arrival.body_bytes()),
        ("upstream trailers", &trailers),
    ];
    let mismatch = |(name, bytes): (&str, &[u8])| {
        let found = secrets.iter().any(|secret| is_in(bytes, secret, forms));
        found.then(|| Mismatch::new(name, "no key in it", shown(bytes)))
    };
    parts.into_iter().filter_map(mismatch).collect()
}

fn is_in(bytes: &[u8], secret: &[u8], forms: Forms) -> bool {
    let holds = |bytes: &[u8]| {
        !secret.is_empty() && bytes.windows(secret.len()).any(|window| window == secret)
    };
    if forms == Forms::Plain {
        return holds(bytes);
    }
    let percent = percent_decoded(bytes);
    let (json, both) = (json_unescaped(bytes), json_unescaped(&percent));
    holds(bytes) || holds(&percent) || holds(&json) || holds(&both)
}

/// Decodes every `%xx`, wherever it is.
fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    decoded(bytes, |rest| match rest {
        [b'%', high, low, ..] => Some((char::from_u32(hex(&[*high, *low])?)?, 3)),
        _ => None,
    })
}

/// Undoes every JSON escape, wherever it is (RFC 8259, section 7); surrogates stay as they are, no
/// key has any.
fn json_unescaped(bytes: &[u8]) -> Vec<u8> {
    decoded(bytes, |rest| match rest {
        [b'\\', b'u', digits @ ..] => {
            let character = char::from_u32(hex(digits.get(..4)?)?)?;
            Some((character, 6))
        }
        [b'\\', b'n', ..] => Some(('\n', 2)),
        [b'\\', b'r', ..] => Some(('\r', 2)),
        [b'\\', b't', ..] => Some(('\t', 2)),
        [b'\\', quoted @ (b'"' | b'\\' | b'/'), ..] => Some((char::from(*quoted), 2)),
        _ => None,
    })
}

/// Replaces what `decode` understands, which says how many bytes that was.
fn decoded(bytes: &[u8], decode: impl Fn(&[u8]) -> Option<(char, usize)>) -> Vec<u8> {
    let mut output = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        if let Some((character, length)) = decode(rest) {
            match u8::try_from(character) {
                Ok(byte) => output.push(byte),
                Err(_) => output.extend(character.to_string().bytes()),
            }
            rest = rest.get(length..).unwrap_or_default();
        } else {
            output.push(*first);
            rest = tail;
        }
    }
    output
}

fn hex(digits: &[u8]) -> Option<u32> {
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| is_hex)?;
    u32::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_every_form() {
        for bytes in [
            &b"?a=key1&"[..],
            b"?a=%6bey%31",
            br#"{"a":"\u006Bey1"}"#,
            b"%5Cu006bey1",
        ] {
            assert!(is_in(bytes, b"key1", Forms::Encoded), "{}", shown(bytes));
        }
        assert!(!is_in(b"k\\ey1 %6 key%3", b"key1", Forms::Encoded));
        assert!(!is_in(b"%6bey1", b"key1", Forms::Plain));
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(percent_decoded(b"%zz%4%41"), b"%zz%4A");
        assert_eq!(json_unescaped(br"\u00zz\q\/"), br"\u00zz\q/");
    }
}
