//! Answers that no upstream made, as Envoy's `Utility::prepareLocalReply` shapes them.

use crate::headers::Headers;
use crate::message::Response;

/// What a filter or the proxy asks to be sent to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalReply {
    pub(crate) status: u32,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
    pub(crate) grpc_status: Option<u32>,
}

impl LocalReply {
    /// Returns an answer of the proxy itself.
    pub(crate) fn of_proxy(status: u32, body: &str) -> Self {
        Self {
            status,
            headers: Headers::new(),
            body: body.as_bytes().to_vec(),
            grpc_status: None,
        }
    }

    /// Shapes the answer for the request it answers.
    pub(crate) fn shape(self, request: &Headers) -> Response {
        let mut headers = Headers::from([(":status", self.status.to_string())]);
        headers.extend(self.headers.iter());
        if is_grpc(request) {
            let status = self
                .grpc_status
                .unwrap_or_else(|| grpc_status_of(self.status));
            return shape_grpc(headers, status, &self.body);
        }
        if self.body.is_empty() {
            headers.remove("content-length");
            headers.remove("content-type");
        } else {
            headers.set("content-length", self.body.len().to_string());
            if !headers.contains("content-type") {
                headers.add("content-type", "text/plain");
            }
        }
        let is_head = request.get(":method") == Some(b"HEAD");
        let body = if is_head { Vec::new() } else { self.body };
        Response {
            headers,
            body,
            trailers: None,
        }
    }
}

fn shape_grpc(mut headers: Headers, status: u32, body: &[u8]) -> Response {
    headers.set(":status", "200");
    headers.set("content-type", "application/grpc");
    if !headers.contains("grpc-status") {
        headers.add("grpc-status", status.to_string());
    }
    if !body.is_empty() {
        headers.set("grpc-message", percent_encode(body));
    }
    headers.remove("content-length");
    Response {
        headers,
        ..Response::default()
    }
}

fn is_grpc(request: &Headers) -> bool {
    request.text("content-type").is_some_and(|content_type| {
        content_type
            .strip_prefix("application/grpc")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('+'))
    })
}

/// The mapping of gRPC's `http-grpc-status-mapping.md`, with Envoy's 429.
fn grpc_status_of(status: u32) -> u32 {
    match status {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 | 502 | 503 | 504 => 14,
        _ => 2,
    }
}

/// gRPC over HTTP2: bytes outside `%x20-24` and `%x26-7E` are percent-encoded.
fn percent_encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        match byte {
            b'%' | 0..0x20 | 0x7f..=0xff => text.push_str(&format_byte(byte)),
            _ => text.push(char::from(byte)),
        }
    }
    text
}

fn format_byte(byte: u8) -> String {
    format!("%{byte:02X}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(body: &str) -> LocalReply {
        LocalReply {
            status: 401,
            headers: Headers::from([("x-a", "1")]),
            body: body.into(),
            grpc_status: None,
        }
    }

    #[test]
    fn a_body_without_a_type_is_plain_text() {
        let shaped = reply("no").shape(&Headers::new());
        assert_eq!(shaped.headers.text("content-type"), Some("text/plain"));
        assert_eq!(shaped.headers.text("content-length"), Some("2"));
    }

    #[test]
    fn a_grpc_client_gets_the_status_in_headers() {
        let request = Headers::from([("content-type", "application/grpc+proto")]);
        let shaped = reply("100% no\n").shape(&request);
        assert_eq!(shaped.headers.text(":status"), Some("200"));
        assert_eq!(shaped.headers.text("grpc-status"), Some("16"));
        assert_eq!(shaped.headers.text("grpc-message"), Some("100%25 no%0A"));
        assert!(shaped.body.is_empty());
    }

    #[test]
    fn a_head_request_gets_the_length_and_no_body() {
        let request = Headers::from([(":method", "HEAD")]);
        let shaped = reply("no").shape(&request);
        assert_eq!(shaped.headers.text("content-length"), Some("2"));
        assert!(shaped.body.is_empty());
    }
}
