//! `application/x-www-form-urlencoded`: the arguments of a query, the fields of a form.
//!
//! Read as Kong reads them: `&` separates, the first `=` ends the name, `+` is a space, and an
//! escape that is none stays as it is. Nothing is copied until a value is asked for.

/// An argument or field as it is written.
#[derive(Clone, Copy)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Pair<'a>(&'a [u8]);

// === impl Pair ===

impl<'a> Pair<'a> {
    /// Whether this is the name once it is decoded; case counts.
    pub(crate) fn is_named(self, name: &str) -> bool {
        decode(self.split().0).eq(name.bytes())
    }

    /// Returns the decoded value; `None` for a bare flag, which has no `=`.
    pub(crate) fn value(self) -> Option<Vec<u8>> {
        self.split().1.map(|value| decode(value).collect())
    }

    /// Returns it as it is written.
    pub(crate) fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    fn split(self) -> (&'a [u8], Option<&'a [u8]>) {
        let mut halves = self.0.splitn(2, |byte| *byte == b'=');
        (halves.next().unwrap_or_default(), halves.next())
    }
}

/// Lists what is between the separators, empty or not.
pub(crate) fn pairs(bytes: &[u8]) -> impl Iterator<Item = Pair<'_>> {
    bytes.split(|byte| *byte == b'&').map(Pair)
}

fn decode(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = bytes;
    core::iter::from_fn(move || {
        let (first, after) = rest.split_first()?;
        let (byte, after) = match (first, after) {
            (b'+', _) => (b' ', after),
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, after),
                _ => (*first, rest.get(1..)?),
            },
            _ => (*first, after),
        };
        rest = after;
        Some(byte)
    })
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(bytes: &str, name: &str) -> Vec<Option<String>> {
        pairs(bytes.as_bytes())
            .filter(|pair| pair.is_named(name))
            .map(Pair::value)
            .map(|value| value.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
            .collect()
    }

    #[test]
    fn names_and_values_are_decoded_once() {
        for (bytes, value) in [
            ("k=v", "v"),
            ("%6b=%76", "v"),
            ("k=a+b%2B%20", "a b+ "),
            ("k=%2576", "%76"),
            ("k=%zz%4", "%zz%4"),
            ("k==v=", "=v="),
            ("k=v;k=w", "v;k=w"),
            ("k=%00", "\0"),
            ("k=", ""),
        ] {
            assert_eq!(values(bytes, "k"), [Some(value.to_owned())], "{bytes}");
        }
    }

    #[test]
    fn a_flag_has_no_value() {
        assert_eq!(values("a&k&b", "k"), [None]);
    }

    #[test]
    fn another_spelling_is_another_name() {
        for bytes in ["K=v", "k[]=v", " k=v", "?k=v", "a=1;k=v", "=k", "kk=v", ""] {
            assert!(values(bytes, "k").is_empty(), "{bytes}");
        }
    }
}
