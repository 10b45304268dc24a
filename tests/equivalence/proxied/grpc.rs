//! A gRPC server: HTTP/2 without TLS, messages as bytes.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use http_body::Frame;
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::service::Method;

/// A running server; it ends when it is dropped.
pub(super) struct GrpcServer {
    address: SocketAddr,
    _runtime: Runtime,
}

/// A body whose frames come one by one.
struct Frames(Receiver<Frame<Bytes>>);

// === impl GrpcServer ===

impl GrpcServer {
    pub(super) fn start() -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(listener).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer);
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self {
            address,
            _runtime: runtime,
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn answer(request: Request) -> Response {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default();
    let method = Method::of(name);
    if method == Method::Fail {
        let failed = Response::builder()
            .header("content-type", "application/grpc")
            .header("grpc-status", "7")
            .header("grpc-message", "denied");
        return failed.body(Body::empty()).unwrap();
    }
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(converse(method, request.into_body(), sender));
    if method == Method::Never {
        std::future::pending::<()>().await;
    }
    let mut response = Response::builder().header("content-type", "application/grpc");
    if method == Method::Chat {
        response = response.header("t-initial", "hello");
    }
    response.body(Body::new(Frames(receiver))).unwrap()
}

/// Sends back every message, and the end once the other side has ended.
async fn converse(method: Method, mut request: Body, sender: Sender<Frame<Bytes>>) {
    if method == Method::Never {
        return;
    }
    let mut unread = Vec::new();
    while let Some(Ok(frame)) = request.frame().await {
        unread.extend_from_slice(frame.data_ref().map_or(&[], |bytes| bytes));
        while let Some(message) = take_message(&mut unread) {
            // Who does not want to read it has gone.
            let _ = sender.send(Frame::data(message)).await;
        }
    }
    let mut trailers = HeaderMap::from_iter([]);
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    if method == Method::Chat {
        trailers.insert("t-trailing", HeaderValue::from_static("bye"));
    }
    let _ = sender.send(Frame::trailers(trailers)).await;
}

/// Takes a whole message with its prefix: a flag and a length of four bytes.
fn take_message(unread: &mut Vec<u8>) -> Option<Bytes> {
    let (_, length) = unread.get(..5)?.split_first()?;
    let length = u32::from_be_bytes(*length.first_chunk()?) as usize;
    if unread.len() < 5 + length {
        return None;
    }
    Some(unread.drain(..5 + length).collect())
}

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.0.poll_recv(context).map(|frame| frame.map(Ok))
    }
}
