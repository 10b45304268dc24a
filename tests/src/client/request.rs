//! A request, byte for byte.

use std::net::SocketAddr;

use super::{ClientError, Connection, Response};

const HOST: &str = "gateway.test";

/// A request; its header lines keep their order, case and repeats.
///
/// Only what HTTP/1.1 cannot do without is added: `Host` unless one is given, and the framing of a
/// body.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    target: Vec<u8>,
    lines: Vec<Vec<u8>>,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    None,
    Whole(Vec<u8>),
    Chunks(Vec<Vec<u8>>),
}

// === impl Request ===

impl Request {
    /// Makes a request with any method and target.
    pub fn new(method: &str, target: impl Into<Vec<u8>>) -> Self {
        Self {
            method: method.to_owned(),
            target: target.into(),
            lines: Vec::new(),
            content: Content::None,
        }
    }

    /// Makes a `GET` request.
    pub fn get(target: impl Into<Vec<u8>>) -> Self {
        Self::new("GET", target)
    }

    /// Makes a `POST` request.
    pub fn post(target: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", target)
    }

    /// Adds a header line; an empty value is sent as `name:`.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        let value = value.into();
        let separator: &[u8] = if value.is_empty() { b":" } else { b": " };
        self.lines
            .push([name.as_bytes(), separator, &value].concat());
        self
    }

    /// Adds a body, sent with its length.
    #[must_use]
    pub fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.content = Content::Whole(bytes.into());
        self
    }

    /// Adds a body, sent in these chunks; an empty one would end it and is left out.
    #[must_use]
    pub fn chunks(mut self, chunks: Vec<Vec<u8>>) -> Self {
        self.content = Content::Chunks(chunks);
        self
    }

    /// Returns the method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns what is sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = [self.method.as_bytes(), b" ", &self.target, b" HTTP/1.1\r\n"].concat();
        let is_host = |line: &Vec<u8>| {
            line.get(..5)
                .is_some_and(|start| start.eq_ignore_ascii_case(b"host:"))
        };
        if !self.lines.iter().any(is_host) {
            push_line(&mut bytes, format!("Host: {HOST}").as_bytes());
        }
        for line in &self.lines {
            push_line(&mut bytes, line);
        }
        self.content.write(&mut bytes);
        bytes
    }

    /// Sends the request on a connection of its own and reads the response.
    pub fn send(&self, address: SocketAddr) -> Result<Response, ClientError> {
        Connection::open(address)?.exchange(self)
    }
}

// === impl Content ===

impl Content {
    /// Writes the framing, the blank line and the body.
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::None => push_line(bytes, b""),
            Self::Whole(body) => {
                let length = format!("Content-Length: {}", body.len());
                push_line(bytes, length.as_bytes());
                push_line(bytes, b"");
                bytes.extend_from_slice(body);
            }
            Self::Chunks(chunks) => {
                push_line(bytes, b"Transfer-Encoding: chunked");
                push_line(bytes, b"");
                for chunk in chunks.iter().filter(|chunk| !chunk.is_empty()) {
                    push_line(bytes, format!("{:x}", chunk.len()).as_bytes());
                    push_line(bytes, chunk);
                }
                bytes.extend_from_slice(b"0\r\n\r\n");
            }
        }
    }
}

fn push_line(bytes: &mut Vec<u8>, line: &[u8]) {
    bytes.extend_from_slice(line);
    bytes.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_host_and_framing_are_added() {
        let request = Request::post("/a?b=%zz")
            .header("ApiKey", "1")
            .header("apikey", "")
            .header("x", vec![0xff])
            .body("ab");
        assert_eq!(
            request.to_bytes(),
            b"POST /a?b=%zz HTTP/1.1\r\nHost: gateway.test\r\nApiKey: 1\r\napikey:\r\nx: \xff\r\n\
              Content-Length: 2\r\n\r\nab"
        );
    }

    #[test]
    fn a_given_host_is_the_only_one() {
        let request = Request::get("/").header("hOST", "a");
        assert_eq!(request.to_bytes(), b"GET / HTTP/1.1\r\nhOST: a\r\n\r\n");
    }

    #[test]
    fn chunks_keep_their_borders() {
        let request = Request::new("PUT", "/").chunks(vec![b"a".into(), b"".into(), b"bc".into()]);
        let bytes = request.to_bytes();
        assert!(bytes.ends_with(b"chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"));
    }
}
