//! Three listeners until the program is told to stop.

use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::Config;
use crate::http;
use crate::registry::Registry;

/// Why nothing is served, or no longer.
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
    /// A listener failed.
    #[error("a listener failed")]
    Failed(#[source] std::io::Error),
}

/// The three sockets, bound.
#[derive(Debug)]
pub struct Listeners {
    portal: TcpListener,
    admin: TcpListener,
    gateway: TcpListener,
}

// === impl Listeners ===

impl Listeners {
    /// Binds the three sockets, before anything else is touched.
    pub async fn bind(config: &Config) -> Result<Self, ServeError> {
        Ok(Self {
            portal: bind("portal", config.portal_listen).await?,
            admin: bind("admin API", config.admin_listen).await?,
            gateway: bind("gateways", config.gateway_listen).await?,
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

    /// Serves until `stop` changes, then lets requests under way end.
    pub async fn serve(
        self,
        registry: Arc<Registry>,
        stop: watch::Receiver<()>,
    ) -> Result<(), ServeError> {
        let portal = http::portal_router(&registry);
        let admin = http::admin_router(&registry);
        let gateway = http::gateway_router(&registry);
        let served = tokio::try_join!(
            serve(self.portal, portal, stop.clone()),
            serve(self.admin, admin, stop.clone()),
            serve(self.gateway, gateway, stop),
        );
        served.map(drop).map_err(ServeError::Failed)
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

async fn serve(
    listener: TcpListener,
    router: Router,
    mut stop: watch::Receiver<()>,
) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            // An error means that whoever would say so is gone, which is as good.
            stop.changed().await.unwrap_or_default();
        })
        .into_future()
        .await
}
