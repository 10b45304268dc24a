//! Three listeners until the program is told to stop.
//!
//! Read in this order: [`limits`] is how much each takes on, [`door`] lets connections in,
//! [`connection`] serves one, [`tls`] encrypts it, [`activity`] knows whether it has anything to do.

mod activity;
mod connection;
mod door;
pub(super) mod limits;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::config::{Config, InvalidTlsSettings, Tls, TlsFiles};
use crate::http;
use crate::http::serve::door::Door;
use crate::http::serve::limits::{Audience, Limits, leave_no_core_file, open_files};
use crate::http::serve::tls::{Certificates, TlsError};
use crate::niceness::{self, Niceness};
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
    /// A listener would not be encrypted as it should.
    #[error(transparent)]
    Settings(#[from] InvalidTlsSettings),
    /// A certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The system has no threads for it.
    #[error("cannot start the portal's threads")]
    Threads(#[source] std::io::Error),
}

/// The three listeners, bound, with what encrypts them.
#[derive(Debug)]
pub struct Listeners {
    portal: Listener,
    admin: Listener,
    gateway: Listener,
    /// The threads that answer the portal's requests.
    people: Handle,
}

#[derive(Debug)]
struct Listener {
    socket: TcpListener,
    certificates: Option<Certificates>,
}

/// A listener that is served, and what closes it.
#[derive(Debug)]
struct Open {
    closed: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

// === impl Listeners ===

impl Listeners {
    /// Binds the three sockets and reads their certificates, before anything else is touched.
    pub async fn bind(config: &Config) -> Result<Self, ServeError> {
        let Tls {
            portal,
            admin,
            gateway,
        } = config.tls.files()?;
        Ok(Self {
            portal: Listener::bind("portal", config.portal_listen, portal).await?,
            admin: Listener::bind("admin API", config.admin_listen, admin).await?,
            gateway: Listener::bind("gateways", config.gateway_listen, gateway).await?,
            people: start_people().map_err(ServeError::Threads)?,
        })
    }

    /// Returns an error if the certificates cannot be used.
    pub fn check(config: &Config) -> Result<(), ServeError> {
        let Tls {
            portal,
            admin,
            gateway,
        } = config.tls.files()?;
        for files in [portal, admin, gateway].into_iter().flatten() {
            Certificates::read(files)?;
        }
        Ok(())
    }

    /// Returns the URLs of portal, admin and gateways, in this order.
    pub fn urls(&self) -> std::io::Result<[String; 3]> {
        Ok([self.portal.url()?, self.admin.url()?, self.gateway.url()?])
    }

    /// Serves until it is told to stop, then lets requests under way end.
    ///
    /// Readiness turns at once, and gateways that wait are answered. Nobody new is let in by portal and
    /// gateways; the admin listener, where readiness is asked for, closes last.
    pub async fn serve(self, registry: Arc<Registry>, stop: impl Future<Output = ()>) {
        leave_no_core_file();
        let files = open_files();
        let open = |mut listener: Listener, router, audience, threads: &Handle| {
            let door = listener.door(router, Limits::of(audience, files), &registry);
            Open::begin(door, listener.socket, threads)
        };
        let others = Handle::current();
        let portal = http::portal_router(&registry);
        let portal = open(self.portal, portal, Audience::Portal, &self.people);
        let admin = http::admin_router(&registry);
        let admin = open(self.admin, admin, Audience::Admin, &others);
        let gateway = http::gateway_router(&registry);
        let gateway = open(self.gateway, gateway, Audience::Gateways, &others);
        stop.await;
        let deadline = Instant::now() + DRAIN;
        portal.close();
        gateway.close();
        // After that, so that a gateway's answer says that its connection ends.
        registry.drain.begin();
        tokio::join!(portal.end(deadline), gateway.end(deadline));
        admin.close();
        admin.end(deadline).await;
    }
}

// === impl Listener ===

impl Listener {
    async fn bind(
        name: &'static str,
        address: SocketAddr,
        files: Option<TlsFiles>,
    ) -> Result<Self, ServeError> {
        Ok(Self {
            certificates: files.map(Certificates::read).transpose()?,
            socket: bind(name, address).await?,
        })
    }

    fn url(&self) -> std::io::Result<String> {
        let scheme = if self.certificates.is_some() {
            "https"
        } else {
            "http"
        };
        Ok(format!("{scheme}://{}", self.socket.local_addr()?))
    }

    fn door(&mut self, router: Router, limits: Limits, registry: &Registry) -> Door {
        let tls = self.certificates.as_ref().map(Certificates::current);
        if let Some(certificates) = self.certificates.take() {
            // It ends with the program.
            tokio::spawn(certificates.follow());
        }
        Door::new(router, limits, tls, &registry.settings.trusted_proxies)
    }
}

// === impl Open ===

impl Open {
    fn begin(door: Door, socket: TcpListener, threads: &Handle) -> Self {
        let (closed, is_closed) = watch::channel(false);
        let serving = threads.spawn(door.serve(socket, is_closed));
        Self { closed, serving }
    }

    /// Lets nobody in any more, and lets connections end with the request that is under way.
    fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Waits for the last to leave, to a deadline.
    async fn end(self, deadline: Instant) {
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

/// Starts the threads that answer people, who may come in crowds: gateways go first.
fn start_people() -> std::io::Result<Handle> {
    let niceness = Niceness::after_caller(niceness::PEOPLE);
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .thread_name("people")
        .on_thread_start(move || niceness.take())
        .build()?;
    // They end with the program: what their tasks have opened, others use.
    Ok(Box::leak(Box::new(runtime)).handle().clone())
}
