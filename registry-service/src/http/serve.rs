//! Three listeners until the program is told to stop.
//!
//! Read in this order: [`limits`] is how much each takes on, [`door`] lets connections in,
//! [`connection`] serves one, [`activity`] knows whether it has anything to do.

mod activity;
mod connection;
mod door;
pub(super) mod limits;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::config::Config;
use crate::http;
use crate::http::serve::door::Door;
use crate::http::serve::limits::{Audience, Limits, open_files};
use crate::registry::Registry;

/// How long requests under way may take once the program is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Somebody else has the port, or the address is not this machine's.
    #[error("cannot listen on {address} for the {listener}")]
    Listen {
        /// What would have been served.
        listener: &'static str,
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// The three sockets, bound.
#[derive(Debug)]
pub struct Listeners {
    portal: TcpListener,
    admin: TcpListener,
    gateway: TcpListener,
}

/// A listener that is served, and what closes it.
#[derive(Debug)]
struct Open {
    closed: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

// === impl Listeners ===

impl Listeners {
    /// Binds the three sockets, before anything else is touched.
    pub async fn bind(config: &Config) -> Result<Self, ServeError> {
        Ok(Self {
            portal: bind("portal", config.portal).await?,
            admin: bind("admin API", config.admin).await?,
            gateway: bind("gateways", config.gateway).await?,
        })
    }

    /// Returns the addresses of portal, admin and gateways, in this order.
    pub fn addresses(&self) -> std::io::Result<[SocketAddr; 3]> {
        Ok([
            self.portal.local_addr()?,
            self.admin.local_addr()?,
            self.gateway.local_addr()?,
        ])
    }

    /// Serves until it is told to stop, then lets requests under way end.
    ///
    /// Readiness turns at once, and gateways that wait are answered. Nobody new is let in by portal and
    /// gateways; the admin listener, where readiness is asked for, closes last.
    pub async fn serve(self, registry: Arc<Registry>, stop: impl Future<Output = ()>) {
        let files = open_files();
        let open = |listener, router, audience| {
            Open::begin(listener, router, (&registry, Limits::of(audience, files)))
        };
        let portal = open(
            self.portal,
            http::portal_router(&registry),
            Audience::Portal,
        );
        let admin = open(self.admin, http::admin_router(&registry), Audience::Admin);
        let gateway = open(
            self.gateway,
            http::gateway_router(&registry),
            Audience::Gateways,
        );
        stop.await;
        let deadline = Instant::now() + DRAIN;
        registry.drain.begin();
        tokio::join!(portal.close(deadline), gateway.close(deadline));
        admin.close(deadline).await;
    }
}

// === impl Open ===

impl Open {
    fn begin(
        listener: TcpListener,
        router: Router,
        (registry, limits): (&Registry, Limits),
    ) -> Self {
        let (closed, is_closed) = watch::channel(false);
        let door = Door::new(router, limits, &registry.settings.trusted_proxies);
        let serving = tokio::spawn(door.serve(listener, is_closed));
        Self { closed, serving }
    }

    /// Lets nobody in any more, and waits for the last to leave, to a deadline.
    async fn close(self, deadline: Instant) {
        self.closed.send_replace(true);
        if timeout_at(deadline, self.serving).await.is_err() {
            tracing::warn!("requests under way were cut off");
        }
    }
}

async fn bind(listener: &'static str, address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ServeError::Listen {
            listener,
            address,
            source,
        })
}
