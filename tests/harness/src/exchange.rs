//! What a client sends, and what the upstream answers if it gets that far.

use std::collections::BTreeMap;

use crate::headers::Headers;
use crate::message::Response;
use crate::outcome::Outcome;
use crate::vm::Vm;

/// One request of a client and the upstream's answer to it.
///
/// ```
/// use proxy_wasm_harness::{Exchange, Response};
///
/// let exchange = Exchange::post("/orders?page=2")
///     .authority("shop.example")
///     .header("x-raw", [0xff, 0xfe])
///     .body(r#"{"id":1}"#)
///     .property(["xds", "route_name"], "orders")
///     .upstream(Response::new(201));
/// ```
#[derive(Clone, Debug)]
pub struct Exchange {
    pub(crate) headers: Headers,
    pub(crate) pieces: Vec<Vec<u8>>,
    pub(crate) body_end: BodyEnd,
    pub(crate) protocol: Protocol,
    pub(crate) trailers: Option<Headers>,
    pub(crate) properties: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) rerouted_properties: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) upstream: Response,
}

/// How the end of a body shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// By an empty last piece.
    Http1,
    /// By a flag on the last piece.
    Http2,
}

/// What comes after the pieces of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    /// The end, or the trailers. Without pieces the headers are the end.
    Now,
    /// More, when the test sends it.
    Later,
    /// Nothing, and the upstream answers nevertheless: upgrades, CONNECT, streams.
    Never,
}

impl Exchange {
    /// Starts a request with this method.
    pub fn new(method: &str, path: impl AsRef<[u8]>) -> Self {
        let mut headers = Headers::from([(":authority", "localhost")]);
        headers.add(":path", path);
        headers.add(":method", method);
        headers.add(":scheme", "http");
        Self {
            headers,
            pieces: Vec::new(),
            body_end: BodyEnd::Now,
            protocol: Protocol::Http1,
            trailers: None,
            properties: BTreeMap::new(),
            rerouted_properties: BTreeMap::new(),
            upstream: Response::new(200),
        }
    }

    /// Starts a GET request.
    pub fn get(path: impl AsRef<[u8]>) -> Self {
        Self::new("GET", path)
    }

    /// Starts a POST request.
    pub fn post(path: impl AsRef<[u8]>) -> Self {
        Self::new("POST", path)
    }

    /// Sets the host the client asks for.
    #[must_use]
    pub fn authority(mut self, authority: &str) -> Self {
        self.headers.set(":authority", authority);
        self
    }

    /// Adds a header; its value may be any bytes.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.add(name, value);
        self
    }

    /// Adds several headers.
    #[must_use]
    pub fn headers<N, V>(mut self, pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        self.headers.extend(pairs);
        self
    }

    /// Sends a body in one piece with its `content-length`, unless a header says otherwise.
    ///
    /// As with HTTP/1.1 in Envoy, an empty piece follows that ends it, so the filter's body
    /// callback is called twice; see [`http2`](Self::http2).
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        if !self.headers.contains("content-length") {
            self.headers.add("content-length", body.len().to_string());
        }
        self.pieces = Vec::from_iter(Some(body).filter(|body| !body.is_empty()));
        self
    }

    /// Sends a body in several pieces without `content-length`; an empty one follows.
    #[must_use]
    pub fn chunks<P: Into<Vec<u8>>>(mut self, pieces: impl IntoIterator<Item = P>) -> Self {
        self.pieces = pieces.into_iter().map(Into::into).collect();
        self
    }

    /// Sends the request as an HTTP/2 client may: the last piece of the body ends it.
    #[must_use]
    pub fn http2(mut self) -> Self {
        self.protocol = Protocol::Http2;
        self
    }

    /// Leaves the request open after what was sent so far: an upgrade, CONNECT or a stream.
    #[must_use]
    pub fn endless(mut self) -> Self {
        self.body_end = BodyEnd::Never;
        self
    }

    /// Leaves the body open for [`Vm::send_body`] and [`Vm::finish_request`].
    #[must_use]
    pub fn unfinished(mut self) -> Self {
        self.body_end = BodyEnd::Later;
        self
    }

    /// Adds a trailer; the trailers end the request.
    #[must_use]
    pub fn trailer(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.trailers.get_or_insert_default().add(name, value);
        self
    }

    /// Sets what `get_property` answers for this path during this exchange.
    #[must_use]
    pub fn property<P>(mut self, path: P, value: impl AsRef<[u8]>) -> Self
    where
        P: IntoIterator,
        P::Item: AsRef<str>,
    {
        let path = property_path(path);
        self.properties.insert(path, value.as_ref().to_vec());
        self
    }

    /// Sets what `get_property` answers for this path once the filter has changed a request
    /// header: Envoy then picks the route again, and it may be another one.
    #[must_use]
    pub fn property_after_reroute<P>(mut self, path: P, value: impl AsRef<[u8]>) -> Self
    where
        P: IntoIterator,
        P::Item: AsRef<str>,
    {
        let path = property_path(path);
        self.rerouted_properties
            .insert(path, value.as_ref().to_vec());
        self
    }

    /// Sets what the upstream answers; 200 without a body unless told otherwise.
    #[must_use]
    pub fn upstream(mut self, response: Response) -> Self {
        self.upstream = response;
        self
    }

    /// Sends it, lets everything that is due happen, and returns what became of it.
    pub fn send(self, vm: &mut Vm) -> Outcome {
        let exchange = vm.begin(self);
        vm.settle();
        vm.outcome(exchange)
    }
}

/// Joins a path the way the ABI does.
pub(crate) fn property_path<P>(path: P) -> Vec<u8>
where
    P: IntoIterator,
    P::Item: AsRef<str>,
{
    let parts: Vec<String> = path
        .into_iter()
        .map(|part| part.as_ref().to_owned())
        .collect();
    parts.join("\0").into_bytes()
}
