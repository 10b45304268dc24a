//! Takes arguments out of a query, and fields out of a form.

use crate::urlencoded::{Pair, pairs};

/// Returns the bytes without every pair of these names, each gone with one separator; `None` if
/// there is none.
pub(super) fn without(bytes: &[u8], names: &[String]) -> Option<Vec<u8>> {
    let is_concealed = |pair: Pair<'_>| names.iter().any(|name| pair.is_named(name));
    if !pairs(bytes).any(is_concealed) {
        return None;
    }
    let kept: Vec<&[u8]> = pairs(bytes)
        .filter(|pair| !is_concealed(*pair))
        .map(Pair::as_bytes)
        .collect();
    Some(kept.join(&b'&'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(bytes: &str) -> Option<String> {
        without(bytes.as_bytes(), &["k".to_owned(), "l".to_owned()])
            .map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn a_pair_goes_with_one_separator() {
        for (bytes, rest) in [
            ("a=1&k=v&b=2", "a=1&b=2"),
            ("k=v&a=1", "a=1"),
            ("a=1&k=v", "a=1"),
            ("k=v", ""),
            ("k&%6B=v&l=1", ""),
            ("&k=v&", "&"),
            (
                "a=%zz&k=v&time[0:1]&&sig=b/c==+",
                "a=%zz&time[0:1]&&sig=b/c==+",
            ),
        ] {
            assert_eq!(kept(bytes).as_deref(), Some(rest), "{bytes}");
        }
    }

    #[test]
    fn bytes_without_the_names_are_left_alone() {
        for bytes in ["", "&&", "a=k", "kl=1", "a=1;k=v"] {
            assert_eq!(kept(bytes), None, "{bytes}");
        }
    }
}
