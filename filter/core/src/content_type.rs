//! Which bodies can hold a key, and how they are written.

use std::borrow::Cow;

use crate::head::Head;
use crate::parameters;

/// The longest boundary there is (RFC 2046, section 5.1.1).
const MAX_BOUNDARY_BYTES: usize = 70;

/// How a body that can hold a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentType<'a> {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/json`, and what builds on it by name, such as `application/json-patch+json`.
    Json,
    /// `multipart/form-data` with this boundary.
    Multipart(&'a [u8]),
}

// === impl ContentType ===

impl<'a> ContentType<'a> {
    /// Returns the type of a request's body if it can hold a key.
    ///
    /// More than one `Content-Type` would be read differently by different upstreams: none of them
    /// is believed.
    pub(crate) fn of(head: &'a Head) -> Option<Self> {
        let mut values = head.values("content-type");
        let value = values.next()?;
        if values.next().is_some() {
            return None;
        }
        Self::parse(value)
    }

    /// Kong compares prefixes, so that it reads `application/jsonfoo` too; of those only the ones
    /// that say they are JSON (RFC 6839, section 3.1) are.
    fn parse(value: &'a [u8]) -> Option<Self> {
        let (essence, parameters) = parameters::split(value);
        match essence.to_ascii_lowercase().as_slice() {
            b"application/x-www-form-urlencoded" => Some(Self::Form),
            b"application/json" => Some(Self::Json),
            essence if essence.starts_with(b"application/json-") && essence.ends_with(b"+json") => {
                Some(Self::Json)
            }
            b"multipart/form-data" => find_boundary(parameters).map(Self::Multipart),
            _ => None,
        }
    }
}

/// Returns the one boundary; a second, an escaped or an impossible one is none.
fn find_boundary(parameters: &[u8]) -> Option<&[u8]> {
    let mut boundaries = parameters::parse(parameters)
        .ok()?
        .into_iter()
        .filter(|parameter| parameter.is_named("boundary") || parameter.extends("boundary"));
    let boundary = boundaries.next()?;
    match (boundary.is_named("boundary"), boundary.value) {
        (true, Cow::Borrowed(value)) if boundaries.next().is_none() && is_boundary(value) => {
            Some(value)
        }
        _ => None,
    }
}

/// `bchars` of RFC 2046, section 5.1.1; the last cannot be a space.
fn is_boundary(value: &[u8]) -> bool {
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(byte);
    value.len() <= MAX_BOUNDARY_BYTES
        && value.last().is_some_and(|last| *last != b' ')
        && value.iter().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Option<ContentType<'_>> {
        ContentType::parse(value.as_bytes())
    }

    #[test]
    fn three_types_can_hold_a_key_in_any_case_and_with_parameters() {
        for (value, expected) in [
            ("application/x-www-form-urlencoded", ContentType::Form),
            ("APPLICATION/x-WWW-form-Urlencoded", ContentType::Form),
            ("application/x-www-form-urlencoded ;x=1", ContentType::Form),
            ("application/json", ContentType::Json),
            ("Application/Json;charset=utf-8", ContentType::Json),
            ("application/json; charset", ContentType::Json),
            ("application/json-patch+json", ContentType::Json),
            (
                "multipart/form-data; boundary=BB",
                ContentType::Multipart(b"BB"),
            ),
        ] {
            assert_eq!(parse(value), Some(expected), "{value}");
        }
    }

    #[test]
    fn no_other_type_holds_a_key() {
        for value in [
            "",
            "text/plain",
            "application/jsonfoo",
            "application/json-seq",
            "application/vnd.api+json",
            "application/problem+json",
            "application/www-form-urlencoded",
            "application/json, text/plain",
            "application/x-www-form-urlencoded-x",
            "multipart/mixed; boundary=BB",
        ] {
            assert_eq!(parse(value), None, "{value}");
        }
    }

    #[test]
    fn a_boundary_is_read_in_every_way_it_is_written() {
        for (parameters, boundary) in [
            ("boundary=\"BB\"", "BB"),
            ("BOUNDARY=BB", "BB"),
            ("boundary=BB; charset=utf-8", "BB"),
            ("charset=utf-8; boundary=BB", "BB"),
            ("boundary=\"a b'()+_,-./:=?\"", "a b'()+_,-./:=?"),
            ("boundary=----=_Part_1", "----=_Part_1"),
        ] {
            assert_eq!(
                parse(&format!("multipart/form-data; {parameters}")),
                Some(ContentType::Multipart(boundary.as_bytes())),
                "{parameters}"
            );
        }
    }

    #[test]
    fn a_multipart_body_without_one_clear_boundary_cannot_be_read() {
        let long = format!("boundary={}", "a".repeat(MAX_BOUNDARY_BYTES + 1));
        for parameters in [
            "",
            "boundary=",
            "boundary=\"\"",
            "boundary=A; boundary=B",
            "boundary=A; boundary*=B",
            "boundary*=A",
            "boundary=\"B\\B\"",
            "boundary=\"B \"",
            "boundary=B B",
            "boundary=B@",
            "boundary=\"B",
            long.as_str(),
        ] {
            assert_eq!(
                parse(&format!("multipart/form-data; {parameters}")),
                None,
                "{parameters}"
            );
        }
    }

    #[test]
    fn two_content_types_are_none() {
        let head = Head::of(&[
            ("content-type", "application/json"),
            ("content-type", "application/json"),
        ]);
        assert_eq!(ContentType::of(&head), None);
    }
}
