//! One connection: HTTP/1 or HTTP/2, for as long as there is something to answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
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
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;

use crate::http::bearer::Certified;
use crate::http::serve::activity::Activity;
use crate::http::serve::door::Door;
use crate::http::serve::limits::Limits;
use crate::http::serve::tls::Current;

/// How long a client may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);

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
        is_certified: false,
        activity: Activity::default(),
    };
    match &door.tls {
        None => {
            let over = is_closed(closed);
            client.converse(stream, &door.limits, over).await;
        }
        Some(tls) => client.encrypted(stream, (door, tls.clone()), closed).await,
    }
}

/// Who is at the other end.
#[derive(Debug, Clone)]
struct Client {
    router: Router,
    peer: SocketAddr,
    /// Whether it showed a certificate of an authority whose clients are let in.
    is_certified: bool,
    activity: Activity,
}

// === impl Client ===

impl Client {
    async fn encrypted(
        mut self,
        stream: TcpStream,
        (door, mut tls): (&Door, Current),
        closed: watch::Receiver<bool>,
    ) {
        let config = Arc::clone(&tls.borrow_and_update());
        let handshake = TlsAcceptor::from(config).accept(stream);
        let Ok(Ok(stream)) = timeout(HANDSHAKE, handshake).await else {
            // Whoever does not speak TLS, or has no certificate, is told so by the handshake.
            return;
        };
        self.is_certified = stream.get_ref().1.peer_certificates().is_some();
        let is_certified = self.is_certified;
        let over = async {
            tokio::select! {
                () = is_closed(closed) => {}
                // An authority may have been taken away: everybody has to show their certificate again.
                () = is_renewed(tls), if is_certified => {}
            }
        };
        self.converse(stream, &door.limits, over).await;
    }

    async fn converse<S>(self, stream: S, limits: &Limits, over: impl Future<Output = ()>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = self.activity.clone();
        let service = service_fn(move |request| self.clone().answer(request));
        let protocol = protocol(limits);
        let connection = protocol.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        tokio::select! {
            // In this order: an answer that is given because it is over has to say so.
            biased;
            () = over => {}
            // Whatever it ended with is the client's: it left, or sent what is no HTTP.
            _ = connection.as_mut() => return,
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
        if self.is_certified {
            request.extensions_mut().insert(Certified);
        }
        self.router.call(request).await
    }
}

async fn is_closed(mut closed: watch::Receiver<bool>) {
    // An error means that nobody can close it any more, which is as good.
    let _ = closed.wait_for(|is_closed| *is_closed).await;
}

async fn is_renewed(mut tls: Current) {
    if tls.changed().await.is_err() {
        // Nobody looks at the files any more: it stays as it is.
        std::future::pending::<()>().await;
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
