//! What the client sends.

use serde::Deserialize;
use stage::http1::HeaderLine;

/// A request, byte for byte.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) struct Request {
    /// The method.
    pub(crate) method: String,
    /// The request target.
    pub(crate) target: Vec<u8>,
    /// The header lines in order.
    pub(crate) headers: Vec<HeaderLine>,
    /// How text becomes the bytes of a header's value.
    pub(crate) encoding: Encoding,
    /// The body.
    pub(crate) body: Body,
}

/// How text becomes the bytes of a header's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8.
    Utf8,
    /// One byte for each character.
    Latin1,
}

/// What follows the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// Nothing, and no length is said.
    None,
    /// Bytes, and their number.
    Whole(Vec<u8>),
    /// Bytes in chunks.
    Chunked(Vec<Vec<u8>>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_repeat: Option<Repeat>,
    #[serde(default)]
    chunked: bool,
    #[serde(default)]
    headers_latin1: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    prefix: String,
    unit: String,
    count: usize,
    suffix: String,
}

// === impl Encoding ===

impl Encoding {
    /// Returns the bytes of a text.
    pub(crate) fn encode(self, text: &str) -> Result<Vec<u8>, &'static str> {
        match self {
            Self::Utf8 => Ok(text.as_bytes().to_vec()),
            Self::Latin1 => text
                .chars()
                .map(|character| u8::try_from(character).map_err(|_| "no latin-1 character"))
                .collect(),
        }
    }
}

// === impl Request ===

impl TryFrom<Written> for Request {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let encoding = if written.headers_latin1 {
            Encoding::Latin1
        } else {
            Encoding::Utf8
        };
        let line = |(name, value): (String, String)| {
            Ok(HeaderLine {
                name: name.into_bytes(),
                value: encoding.encode(&value)?,
            })
        };
        let body = match (written.body, written.body_repeat) {
            (body, None) => body.map(String::into_bytes),
            (None, Some(repeat)) => Some(repeat.bytes()),
            (Some(_), Some(_)) => return Err("`body_repeat` replaces `body`"),
        };
        Ok(Self {
            method: written.method,
            target: written.path.into_bytes(),
            headers: written
                .headers
                .into_iter()
                .map(line)
                .collect::<Result<_, Self::Error>>()?,
            encoding,
            body: match (body, written.chunked) {
                (None, false) => Body::None,
                (Some(body), false) => Body::Whole(body),
                (body, true) => Body::Chunked(halves(body.unwrap_or_default())),
            },
        })
    }
}

// === impl Repeat ===

impl Repeat {
    fn bytes(&self) -> Vec<u8> {
        let middle = self.unit.repeat(self.count);
        format!("{}{middle}{}", self.prefix, self.suffix).into_bytes()
    }
}

/// Cuts in two: a key in the middle is split.
fn halves(mut body: Vec<u8>) -> Vec<Vec<u8>> {
    let second = body.split_off(body.len() / 2);
    vec![body, second]
}
