//! `value; name=value; name="value"`: `Content-Type` and `Content-Disposition` (RFC 9110,
//! section 5.6.6; RFC 2183, section 2).

use std::borrow::Cow;

/// One parameter; a value in quotes is given without them.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Parameter<'a> {
    name: &'a [u8],
    /// Borrowed if nothing in it was escaped.
    pub(crate) value: Cow<'a, [u8]>,
}

/// The parameters could be read in more than one way, or in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidParameters;

// === impl Parameter ===

impl Parameter<'_> {
    /// Whether this is the name, given in lower case.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Whether this is the name as RFC 2231 extends or continues it (`name*`, `name*0`).
    pub(crate) fn extends(&self, name: &str) -> bool {
        self.name
            .split_at_checked(name.len())
            .is_some_and(|(start, rest)| {
                start.eq_ignore_ascii_case(name.as_bytes()) && rest.starts_with(b"*")
            })
    }
}

/// Splits a header's value from its parameters.
pub(crate) fn split(text: &[u8]) -> (&[u8], &[u8]) {
    let mut halves = text.splitn(2, |byte| *byte == b';');
    let value = halves.next().unwrap_or_default().trim_ascii();
    (value, halves.next().unwrap_or_default())
}

/// Parses what follows a header's value.
pub(crate) fn parse(text: &[u8]) -> Result<Vec<Parameter<'_>>, InvalidParameters> {
    let mut parameters = Vec::new();
    let mut rest = next_name(text);
    while !rest.is_empty() {
        let equals = rest.iter().position(|byte| *byte == b'=');
        let (name, after) = equals
            .and_then(|equals| rest.split_at_checked(equals))
            .ok_or(InvalidParameters)?;
        let (value, after) = match after.get(1..).unwrap_or_default() {
            [b'"', quoted @ ..] => parse_quoted(quoted)?,
            plain => parse_plain(plain),
        };
        let after = after.trim_ascii_start();
        if !is_plain(name) || !matches!(after, [] | [b';', ..]) {
            return Err(InvalidParameters);
        }
        parameters.push(Parameter { name, value });
        rest = next_name(after);
    }
    Ok(parameters)
}

fn next_name(text: &[u8]) -> &[u8] {
    let skipped = text
        .iter()
        .take_while(|byte| matches!(byte, b';' | b' ' | b'\t'))
        .count();
    text.get(skipped..).unwrap_or_default()
}

/// Takes a value up to white space or `;`. More than a token is let through, as boundaries with an
/// unquoted `=` are common.
fn parse_plain(text: &[u8]) -> (Cow<'_, [u8]>, &[u8]) {
    let length = text.iter().take_while(|byte| is_plain(&[**byte])).count();
    let (value, after) = text.split_at_checked(length).unwrap_or_default();
    (Cow::Borrowed(value), after)
}

/// Takes a quoted-string whose first quote is gone (RFC 9110, section 5.6.4).
fn parse_quoted(text: &[u8]) -> Result<(Cow<'_, [u8]>, &[u8]), InvalidParameters> {
    let mut unescaped: Option<Vec<u8>> = None;
    let mut position = 0;
    loop {
        match text.get(position..).unwrap_or_default() {
            [b'"', after @ ..] => {
                let raw = text.get(..position).unwrap_or_default();
                return Ok((unescaped.map_or(Cow::Borrowed(raw), Cow::Owned), after));
            }
            [b'\\', escaped, ..] => {
                let start = text.get(..position).unwrap_or_default();
                unescaped
                    .get_or_insert_with(|| start.to_vec())
                    .push(*escaped);
                position += 2;
            }
            [byte, ..] => {
                if let Some(unescaped) = &mut unescaped {
                    unescaped.push(*byte);
                }
                position += 1;
            }
            [] => return Err(InvalidParameters),
        }
    }
}

fn is_plain(text: &[u8]) -> bool {
    !text.is_empty()
        && text
            .iter()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b'"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<Vec<(String, String)>> {
        let parameters = parse(text.as_bytes()).ok()?;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Some(
            parameters
                .iter()
                .map(|parameter| (text(parameter.name), text(&parameter.value)))
                .collect(),
        )
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_value_ends_at_the_first_semicolon() {
        assert_eq!(
            split(b" a/b ; c=d;e=f"),
            (b"a/b".as_slice(), b" c=d;e=f".as_slice())
        );
        assert_eq!(split(b"a/b"), (b"a/b".as_slice(), b"".as_slice()));
    }

    #[test]
    fn parameters_are_read_plain_and_quoted() {
        let cases: [(&str, &[(&str, &str)]); 8] = [
            ("", &[]),
            (" ; ; ", &[]),
            (" a=b;c=d ", &[("a", "b"), ("c", "d")]),
            (" a=\"b; c=d\" ; e=f", &[("a", "b; c=d"), ("e", "f")]),
            ("a=\"\"", &[("a", "")]),
            (r#"a="\"b\\c\d""#, &[("a", r#""b\cd"#)]),
            ("a=--=b'()+_,-./:=?", &[("a", "--=b'()+_,-./:=?")]),
            ("a=\"é\"", &[("a", "é")]),
        ];
        for (text, pairs) in cases {
            assert_eq!(parsed(text), Some(owned(pairs)), "{text}");
        }
    }

    #[test]
    fn what_could_be_read_in_several_ways_is_refused() {
        for text in [
            "a",
            "a;b=c",
            "=b",
            "a =b",
            "a b=c",
            "a=b c",
            "a=\"b",
            "a=\"b\\\"",
            "a=\"b\"c",
            "a=\"b\" c=d",
            "a=b\"c\"",
            "\"a\"=b",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn an_extended_name_is_not_the_name() {
        for (text, extends) in [
            ("NAME*=x", true),
            ("name*0=x", true),
            ("name=x", false),
            ("names*=x", false),
        ] {
            let parameters = parse(text.as_bytes()).unwrap();
            assert_eq!(parameters[0].extends("name"), extends, "{text}");
        }
    }
}
