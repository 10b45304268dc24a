//! One connection: HTTP/1 or HTTP/2, for as long as there is something to answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower_service::Service as _;

use crate::http::serve::activity::Activity;
use crate::http::serve::door::Door;
use crate::http::serve::limits::Limits;

/// How long a client may take to read the last answer of a connection that is to end.
const PARTING: Duration = Duration::from_secs(30);

/// How often an HTTP/2 client is asked whether it is still there, and how long it has to say so.
const PING_INTERVAL: Duration = Duration::from_secs(20);
const PING_PATIENCE: Duration = Duration::from_secs(10);

/// The largest head, in bytes; the longest things in ours are cookies.
const HEAD_BYTES: u32 = 32 * 1024;

/// Requests of one HTTP/2 connection at a time: a gateway's machines may share one.
const STREAMS: u32 = 128;

/// Requests that an HTTP/2 client may take back before they were looked at; with more the connection
/// ends (CVE-2023-44487).
const RESETS: usize = 20;

/// Serves one connection until it ends, is idle for too long, or its door is closed.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    door: &Door,
    closed: watch::Receiver<bool>,
) {
    // Answers are whole when they are written; there is nothing to wait for. Without it they are only
    // slower.
    let _ = stream.set_nodelay(true);
    let client = Client {
        router: door.router.clone(),
        peer,
        activity: Activity::default(),
    };
    client.converse(stream, &door.limits, closed).await;
}

/// Who is at the other end.
#[derive(Debug, Clone)]
struct Client {
    router: Router,
    peer: SocketAddr,
    activity: Activity,
}

// === impl Client ===

impl Client {
    async fn converse<S>(self, stream: S, limits: &Limits, mut closed: watch::Receiver<bool>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = self.activity.clone();
        let service = service_fn(move |request| self.clone().answer(request));
        let protocol = protocol(limits);
        let connection = protocol.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        tokio::select! {
            // Whatever it ended with is the client's: it left, or sent what is no HTTP.
            _ = connection.as_mut() => return,
            _ = closed.wait_for(|is_closed| *is_closed) => {}
            () = activity.idle_for(limits.idle) => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            _ = connection => {}
            () = activity.idle_for(PARTING) => {}
        }
    }

    async fn answer(mut self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let _busy = self.activity.begin();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        self.router.call(request).await
    }
}

fn protocol(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD_BYTES as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_BYTES)
        .max_pending_accept_reset_streams(RESETS)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_PATIENCE);
    builder
}
