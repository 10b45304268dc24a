//! Placeholders in hostile requests, expanded in the order the format names them.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Every placeholder there is; `{N}` only means something inside `{REPEATLINE:..}`.
const KNOWN: [&str; 10] = [
    "ID",
    "KEY",
    "WRONG",
    "KEY_PCT",
    "REPEATLINE",
    "N",
    "REPEAT",
    "HEXLEN",
    "GZIP",
    "CL",
];

/// What ends a request line's method before the second target of a pipeline.
const METHODS: [&str; 9] = [
    "OPTIONS", "CONNECT", "DELETE", "PATCH", "TRACE", "POST", "HEAD", "GET", "PUT",
];

/// What the plain placeholders stand for.
#[derive(Clone)]
pub(crate) struct Values {
    /// Tells one request from all others.
    pub(crate) id: String,
    /// A key that works.
    pub(crate) key: String,
    /// One that looks as good and is unknown.
    pub(crate) wrong: String,
}

/// Why a text cannot be expanded.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidPlaceholder {
    /// Nobody knows it.
    #[error("unknown placeholder `{{{0}}}`")]
    Unknown(String),
    /// It has no end, or no number where one must be.
    #[error("`{{{0}:` is not closed as it must be")]
    Malformed(&'static str),
    /// A length of nothing: no blank line follows.
    #[error("no body follows `{{CL}}`")]
    NoBody,
}

type Result<T> = std::result::Result<T, InvalidPlaceholder>;

// === impl Values ===

impl Values {
    /// Expands the bytes of a connection, lengths of bodies included.
    pub(crate) fn expand_connection(&self, template: &[u8]) -> Result<Vec<u8>> {
        let mut bytes = self.expand(template)?;
        while let Some(place) = find(&bytes, b"{CL}") {
            let tail = bytes.get(place..).unwrap_or_default();
            let blank = find(tail, b"\r\n\r\n").ok_or(InvalidPlaceholder::NoBody)?;
            let body = tail.get(blank + 4..).unwrap_or_default();
            let length = self.second_request(body).unwrap_or(body.len());
            let value = length.to_string().into_bytes();
            bytes.splice(place..place + 4, value);
        }
        Ok(bytes)
    }

    /// Expands a part of a stream whose body has a length.
    pub(crate) fn expand_part(&self, template: &[u8], body_length: usize) -> Result<Vec<u8>> {
        let bytes = self.expand(template)?;
        Ok(replace(&bytes, b"{CL}", body_length.to_string().as_bytes()))
    }

    /// Expands everything but lengths.
    pub(crate) fn expand(&self, template: &[u8]) -> Result<Vec<u8>> {
        refuse_unknown(template)?;
        let percent = percent_encoded(&self.key);
        let mut bytes = template.to_vec();
        for (name, value) in [
            ("{ID}", &self.id),
            ("{KEY}", &self.key),
            ("{WRONG}", &self.wrong),
            ("{KEY_PCT}", &percent),
        ] {
            bytes = replace(&bytes, name.as_bytes(), value.as_bytes());
        }
        bytes = expand_counted(bytes, "REPEATLINE", lines)?;
        bytes = expand_counted(bytes, "REPEAT", <[u8]>::repeat)?;
        bytes = expand_enclosed(bytes, "HEXLEN", &|text| {
            // The length of what is there in the end.
            let text = expand_enclosed(text.to_vec(), "GZIP", &|text| Ok(gzip(text)))?;
            Ok(format!("{:x}", text.len()).into_bytes())
        })?;
        expand_enclosed(bytes, "GZIP", &|text| Ok(gzip(text)))
    }

    /// Returns where the second request of a pipeline begins.
    fn second_request(&self, body: &[u8]) -> Option<usize> {
        let target = format!("/t/{}-second", self.id);
        let before = body.get(..find(body, target.as_bytes())?)?;
        let before = before.strip_suffix(b" ")?;
        let method = METHODS
            .iter()
            .find(|method| before.ends_with(method.as_bytes()))?;
        Some(before.len() - method.len())
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Values({}, ..)", self.id)
    }
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        // Writing to a string does not fail.
        let _ = write!(encoded, "%{byte:02X}");
    }
    encoded
}

/// Refuses `{NAME}` and `{NAME:` whose name is none of the known ones.
fn refuse_unknown(template: &[u8]) -> Result<()> {
    for part in template.split(|byte| *byte == b'{').skip(1) {
        let is_name = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_';
        let length = part.iter().take_while(|byte| is_name(byte)).count();
        let (name, rest) = part.split_at(length);
        let name = String::from_utf8_lossy(name);
        let is_placeholder = !name.is_empty() && matches!(rest.first(), Some(b'}' | b':'));
        if is_placeholder && !KNOWN.contains(&name.as_ref()) {
            return Err(InvalidPlaceholder::Unknown(name.into_owned()));
        }
    }
    Ok(())
}

/// Expands `{NAME:text:count}`, the innermost first.
fn expand_counted(
    mut bytes: Vec<u8>,
    name: &'static str,
    expansion: impl Fn(&[u8], usize) -> Vec<u8>,
) -> Result<Vec<u8>> {
    let opening = format!("{{{name}:");
    while let Some(start) = find_last(&bytes, opening.as_bytes()) {
        let inside = start + opening.len();
        let tail = bytes.get(inside..).unwrap_or_default();
        let (text, count, length) = counted(tail).ok_or(InvalidPlaceholder::Malformed(name))?;
        let expanded = expansion(text, count);
        bytes.splice(start..inside + length, expanded);
    }
    Ok(bytes)
}

/// Takes `text:count}` apart: the text, the count, and the length of all of it.
///
/// The text may hold braces. If they are balanced, they say where it ends; else the first number
/// before a brace does.
fn counted(tail: &[u8]) -> Option<(&[u8], usize, usize)> {
    let split = |end: usize| {
        let inside = tail.get(..end)?;
        let colon = inside.iter().rposition(|byte| *byte == b':')?;
        let count = std::str::from_utf8(inside.get(colon + 1..)?).ok()?;
        Some((inside.get(..colon)?, count.parse().ok()?, end + 1))
    };
    let balanced = balanced_end(tail).and_then(split);
    balanced.or_else(|| {
        let ends = tail.iter().enumerate().filter(|(_, byte)| **byte == b'}');
        ends.map(|(end, _)| end).find_map(split)
    })
}

/// Expands `{NAME:text}`, the innermost first.
fn expand_enclosed(
    mut bytes: Vec<u8>,
    name: &'static str,
    expansion: &dyn Fn(&[u8]) -> Result<Vec<u8>>,
) -> Result<Vec<u8>> {
    let opening = format!("{{{name}:");
    while let Some(start) = find_last(&bytes, opening.as_bytes()) {
        let inside = start + opening.len();
        let tail = bytes.get(inside..).unwrap_or_default();
        let end = balanced_end(tail).or_else(|| find(tail, b"}"));
        let text = end.and_then(|end| tail.get(..end));
        let text = text.ok_or(InvalidPlaceholder::Malformed(name))?;
        let end = inside + text.len() + 1;
        let expanded = expansion(text)?;
        bytes.splice(start..end, expanded);
    }
    Ok(bytes)
}

/// Returns where the brace is that closes one opened before.
fn balanced_end(tail: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, byte) in tail.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(index),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn lines(text: &[u8], count: usize) -> Vec<u8> {
    let line = |number: usize| {
        let line = replace(text, b"{N}", number.to_string().as_bytes());
        [line.as_slice(), b"\r\n"].concat()
    };
    (0..count).flat_map(line).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

fn find_last(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .rposition(|window| window == needle)
}

fn replace(bytes: &[u8], needle: &[u8], value: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(place) = find(rest, needle) {
        let (before, after) = rest.split_at(place);
        replaced.extend_from_slice(before);
        replaced.extend_from_slice(value);
        rest = after.get(needle.len()..).unwrap_or_default();
    }
    replaced.extend_from_slice(rest);
    replaced
}

#[cfg(test)]
mod tests;
