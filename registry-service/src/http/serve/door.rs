//! One listener: who comes in, and how many at a time.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::http::serve::connection;
use crate::http::serve::limits::Limits;
use crate::http::serve::tls::Current;

/// How long nobody is let in when the operating system has no more files or memory.
const PAUSE: Duration = Duration::from_millis(250);

/// One listener and what it serves.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) router: Router,
    pub(super) limits: Limits,
    /// What encrypts it, if anything does.
    pub(super) tls: Option<Current>,
    /// Whose connections are many people's.
    pub(super) trusted_proxies: Vec<IpNet>,
    /// How many connections each address has.
    addresses: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection's place: one of its listener's, one of its address's.
#[derive(Debug)]
pub(super) struct Place {
    door: Arc<Door>,
    address: IpAddr,
    _permit: OwnedSemaphorePermit,
}

// === impl Door ===

impl Door {
    pub(super) fn new(
        router: Router,
        limits: Limits,
        tls: Option<Current>,
        trusted_proxies: &[IpNet],
    ) -> Self {
        Self {
            router,
            limits,
            tls,
            trusted_proxies: trusted_proxies.to_vec(),
            addresses: Mutex::default(),
        }
    }

    /// Serves until it is closed and everybody who had come in is gone.
    pub(super) async fn serve(self, listener: TcpListener, closed: watch::Receiver<bool>) {
        let door = Arc::new(self);
        let places = Arc::new(Semaphore::new(door.limits.connections));
        let mut closing = closed.clone();
        tokio::select! {
            () = door.let_in(&listener, &places, closed.clone()) => {}
            // An error means that nobody can close it any more, which is as good.
            _ = closing.wait_for(|is_closed| *is_closed) => {}
        }
        drop(listener);
        let all = u32::try_from(door.limits.connections).unwrap_or(u32::MAX);
        // Nobody closes the semaphore: this waits for the last connection's place.
        let _ = places.acquire_many(all).await;
    }

    async fn let_in(
        self: &Arc<Self>,
        listener: &TcpListener,
        places: &Arc<Semaphore>,
        closed: watch::Receiver<bool>,
    ) {
        while let Ok(permit) = Arc::clone(places).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    if let Some(place) = self.place(peer, permit) {
                        self.begin(stream, peer, (place, closed.clone()));
                    }
                }
                Err(error) => rest_after(&error).await,
            }
        }
    }

    fn begin(
        self: &Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        (place, closed): (Place, watch::Receiver<bool>),
    ) {
        let door = Arc::clone(self);
        tokio::spawn(async move {
            connection::serve(stream, peer, &door, closed).await;
            drop(place);
        });
    }

    /// Finds a place for a connection unless its address has too many.
    fn place(self: &Arc<Self>, peer: SocketAddr, permit: OwnedSemaphorePermit) -> Option<Place> {
        let address = peer.ip().to_canonical();
        let mut addresses = self.addresses();
        let connections = addresses.entry(address).or_default();
        if *connections >= self.limits.of_one_address && !self.is_many_peoples(address) {
            return None;
        }
        *connections += 1;
        Some(Place {
            door: Arc::clone(self),
            address,
            _permit: permit,
        })
    }

    fn is_many_peoples(&self, address: IpAddr) -> bool {
        // A proxy on this machine may be one that nobody told us of.
        address.is_loopback()
            || self
                .trusted_proxies
                .iter()
                .any(|network| network.contains(&address))
    }

    fn addresses(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // A panic elsewhere leaves the counts as good as they were.
        self.addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Place ===

impl Drop for Place {
    fn drop(&mut self) {
        let mut addresses = self.door.addresses();
        if let Some(connections) = addresses.get_mut(&self.address) {
            *connections -= 1;
            if *connections == 0 {
                addresses.remove(&self.address);
            }
        }
    }
}

/// A connection that was gone before it was let in is nobody's trouble; with anything else it is better
/// to wait than to ask again at once.
async fn rest_after(error: &std::io::Error) {
    use std::io::ErrorKind;
    if !matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    ) {
        log_closed(error);
        tokio::time::sleep(PAUSE).await;
    }
}

fn log_closed(error: &std::io::Error) {
    tracing::warn!(error = error as &dyn std::error::Error, "nobody is let in");
}
