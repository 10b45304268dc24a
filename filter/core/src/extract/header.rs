//! The key in a request header.

use std::borrow::Cow;

use super::located::Located;
use crate::head::Head;

/// Looks for a key name among the headers; in the alias' spelling only if its own is missing.
pub(super) fn locate<'a>(head: &'a Head, name: &str, value_prefix: Option<&str>) -> Located<'a> {
    let located = match collect(head, |candidate| is_exact(candidate, name)) {
        Located::Absent => collect(head, |candidate| is_alias(candidate, name)),
        present => present,
    };
    match (located, value_prefix) {
        (Located::Text(Cow::Borrowed(value)), Some(prefix)) => without_prefix(value, prefix),
        (located, _) => located,
    }
}

/// Whether a header can carry the key of this name: Kong finds `api-key` for `api_key`, not the
/// other way round.
pub(crate) fn is_spelling(candidate: &[u8], name: &str) -> bool {
    is_exact(candidate, name) || is_alias(candidate, name)
}

fn is_exact(candidate: &[u8], name: &str) -> bool {
    candidate.eq_ignore_ascii_case(name.as_bytes())
}

fn is_alias(candidate: &[u8], name: &str) -> bool {
    candidate.len() == name.len()
        && name.contains('_')
        && candidate.iter().zip(name.bytes()).all(|(byte, wanted)| {
            byte.eq_ignore_ascii_case(&if wanted == b'_' { b'-' } else { wanted })
        })
}

fn collect(head: &Head, is_wanted: impl Fn(&[u8]) -> bool) -> Located<'_> {
    head.iter()
        .filter(|(name, _)| is_wanted(name))
        .map(|(_, value)| Located::Text(Cow::Borrowed(trim(value))))
        .fold(Located::Absent, Located::and)
}

/// A value without the prefix carries no key. It is still the value that is present, so it is final
/// as an empty one is. Case does not count, as it does not in a scheme (RFC 9110, section 11.1).
fn without_prefix<'a>(value: &'a [u8], prefix: &str) -> Located<'a> {
    let key = value
        .split_at_checked(prefix.len())
        .filter(|(start, _)| start.eq_ignore_ascii_case(prefix.as_bytes()))
        .map(|(_, key)| trim(key));
    Located::Text(Cow::Borrowed(key.unwrap_or_default()))
}

/// Optional whitespace around a value is not part of it (RFC 9110, section 5.5).
fn trim(value: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().take_while(|byte| is_space(byte)).count();
    let rest = value.get(start..).unwrap_or_default();
    let end = rest.iter().rev().take_while(|byte| is_space(byte)).count();
    rest.get(..rest.len() - end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Located<'_> {
        Located::Text(Cow::Borrowed(value.as_bytes()))
    }

    #[test]
    fn a_name_is_found_in_any_case() {
        let head = Head::of(&[("APIKEY", "k")]);
        assert_eq!(locate(&head, "ApiKey", None), text("k"));
    }

    #[test]
    fn an_underscore_in_the_name_finds_a_hyphen() {
        let head = Head::of(&[("api-key", "k")]);
        assert_eq!(locate(&head, "api_key", None), text("k"));
        assert_eq!(locate(&head, "API_KEY", None), text("k"));
    }

    #[test]
    fn a_hyphen_in_the_name_finds_no_underscore() {
        let head = Head::of(&[("api_key", "k")]);
        assert_eq!(locate(&head, "api-key", None), Located::Absent);
    }

    #[test]
    fn the_exact_spelling_wins() {
        let head = Head::of(&[("api-key", "alias"), ("api_key", "exact")]);
        assert_eq!(locate(&head, "api_key", None), text("exact"));
    }

    #[test]
    fn a_repeat_is_one_in_any_case_and_whatever_its_values() {
        for (first, second) in [("k", "k"), ("", "k"), ("k", ""), ("", "")] {
            let head = Head::of(&[("apikey", first), ("ApiKey", second)]);
            assert_eq!(
                locate(&head, "apikey", None),
                Located::Repeated,
                "{first:?} {second:?}"
            );
        }
    }

    #[test]
    fn whitespace_around_a_value_is_not_part_of_it() {
        for (value, key) in [(" \tk \t", "k"), ("a b", "a b"), (" \t", ""), ("", "")] {
            let head = Head::of(&[("apikey", value)]);
            assert_eq!(locate(&head, "apikey", None), text(key), "{value:?}");
        }
    }

    #[test]
    fn a_list_is_one_value() {
        let head = Head::of(&[("apikey", "k, k")]);
        assert_eq!(locate(&head, "apikey", None), text("k, k"));
    }

    #[test]
    fn a_prefix_is_not_part_of_the_key() {
        for (value, key) in [
            ("Bearer k", "k"),
            ("bearer   k", "k"),
            ("Bearer Bearer k", "Bearer k"),
            ("Bearer", ""),
            ("k", ""),
            ("Basic k", ""),
            ("Bearerk", ""),
        ] {
            let head = Head::of(&[("authorization", value)]);
            assert_eq!(
                locate(&head, "authorization", Some("Bearer ")),
                text(key),
                "{value}"
            );
        }
    }
}
