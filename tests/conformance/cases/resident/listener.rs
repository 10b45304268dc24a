//! The gateways' listener of a registry in this process.
//!
//! The registry behind it may be replaced, which gateways see as a new epoch at the same address,
//! and it can become unreachable as in an outage.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use axum::{Router, http};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt as _;

use super::{Reading, Resident};
use stage::error::StageError;
use stage::wait;

/// The largest request of a gateway.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The gateways' listener; it ends when it is dropped.
#[derive(Debug)]
pub struct GatewayListener {
    address: SocketAddr,
    handle: Handle,
    shared: Arc<Shared>,
    serving: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    resident: watch::Sender<Option<Arc<Resident>>>,
    /// The last question of every virtual machine.
    readings: Mutex<BTreeMap<String, Reading>>,
}

// === impl GatewayListener ===

impl GatewayListener {
    /// Takes a free port of the loopback interface; nothing listens there yet.
    pub fn new(handle: Handle) -> Result<Self, StageError> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let address = listener.and_then(|listener| listener.local_addr());
        Ok(Self {
            address: address.map_err(StageError::io("no free port"))?,
            handle,
            shared: Arc::new(Shared {
                resident: watch::Sender::new(None),
                readings: Mutex::default(),
            }),
            serving: None,
        })
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins to listen, unless it does.
    pub fn reach(&mut self) -> Result<(), StageError> {
        if self.serving.is_none() {
            let listener = self
                .handle
                .block_on(TcpListener::bind(self.address))
                .map_err(StageError::io("cannot listen for gateways"))?;
            let router = Router::new()
                .fallback(relay)
                .with_state(Arc::clone(&self.shared));
            self.serving = Some(self.handle.spawn(serve(listener, router)));
        }
        Ok(())
    }

    /// Ends every connection and listens no longer.
    pub fn cut_off(&mut self) -> Result<(), StageError> {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            // It was cancelled, which is what its error says.
            let _ = self.handle.block_on(serving);
        }
        wait::until(
            "end of the gateways' listener",
            Duration::from_secs(5),
            || match std::net::TcpStream::connect(self.address) {
                Ok(_) => Err("somebody listens".to_owned()),
                Err(_) => Ok(()),
            },
        )
    }

    /// Shows gateways another registry; requests that wait ask it instead.
    pub fn replace(&self, resident: Arc<Resident>) {
        self.shared.resident.send_replace(Some(resident));
    }

    /// Waits until so many virtual machines know everything the registry does: they have taken the
    /// last page in and ask for more.
    pub fn wait_until_read(&self, by: usize, patience: Duration) -> Result<(), StageError> {
        let position = self
            .shared
            .resident
            .borrow()
            .as_ref()
            .map(|resident| resident.position());
        let what = format!("{by} virtual machines that know everything");
        wait::until(&what, patience, || {
            let readings = self.shared.lock();
            let is_at = |reading: &&Reading| position.is_some_and(|at| reading.is_at(at));
            if readings.values().filter(is_at).count() >= by {
                Ok(())
            } else {
                Err(format!("{position:?} and {:?}", readings.values()))
            }
        })
    }
}

impl Drop for GatewayListener {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

// === impl Shared ===

impl Shared {
    fn note(&self, target: &str) {
        if let Some(reading) = Reading::parse(target) {
            self.lock().insert(reading.vm.clone(), reading);
        }
    }

    /// A thread that panicked leaves nothing half-done here: every change is one insertion.
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Reading>> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves until it is aborted; the connections end with it.
async fn serve(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    let service = TowerToHyperService::new(router.clone());
                    connections.spawn(async move {
                        let builder = auto::Builder::new(TokioExecutor::new());
                        // Whoever asks learns of an error by the end of the connection.
                        let _ = builder.serve_connection(TokioIo::new(stream), service).await;
                    });
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers as the present registry does, or the next one if it is replaced meanwhile.
async fn relay(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if let Some(target) = parts.uri.path_and_query() {
        shared.note(target.as_str());
    }
    let mut watched = shared.resident.subscribe();
    loop {
        let Some(resident) = watched.borrow_and_update().clone() else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let router = keystile_registry::http::gateway_router(&resident.registry);
        tokio::select! {
            response = router.oneshot(again(&parts, &body)) => {
                return response.unwrap_or_else(|never| match never {});
            }
            changed = watched.changed() => {
                if changed.is_err() {
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                }
            }
        }
    }
}

fn again(parts: &Parts, body: &Bytes) -> Request {
    let mut request = http::Request::new(Body::from(body.clone()));
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = parts.uri.clone();
    *request.headers_mut() = parts.headers.clone();
    request
}
