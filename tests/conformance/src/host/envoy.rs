//! A real Envoy. All cases share one, which sees each case as a registry with a new epoch.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cases::resident::{GatewayListener, Resident, gateway_token};
use cases::tally::Mismatch;
use keystile_registry::clock::Clock;
use stage::client;
use stage::envoy::{Envoy, EnvoyConfig, Route};
use stage::error::StageError;
use stage::upstream::{Recorded, Upstream};
use tokio::runtime::Handle;

use super::{Host, HostError};
use crate::case::request::{Body, Request};
use crate::judge::{Arrival, Response, Seen};
use crate::records::load::SERVICE;

/// What is promised of a change: no worker is older than this.
const PROPAGATION: Duration = Duration::from_secs(1);

/// How long a virtual machine may take to notice another registry; after an outage it asks again
/// after at most five seconds.
const TAKING_IN: Duration = Duration::from_secs(20);

/// A real Envoy with what is around it.
#[derive(Debug)]
pub(crate) struct EnvoyHost {
    handle: Handle,
    workers: usize,
    upstream: Upstream,
    /// The one all cases share, unless something was wrong with the last one.
    shared: Option<Running>,
    /// One of the present case alone.
    own: Option<Running>,
    registry: Option<Arc<Resident>>,
}

#[derive(Debug)]
struct Running {
    // Dropped first: what it asks must not be gone before it.
    envoy: Envoy,
    listener: GatewayListener,
}

// === impl EnvoyHost ===

impl EnvoyHost {
    /// Starts an Envoy with so many workers.
    pub(crate) fn new(handle: Handle, workers: usize) -> Result<Self, HostError> {
        let mut host = Self {
            handle,
            workers,
            upstream: Upstream::start()?,
            shared: None,
            own: None,
            registry: None,
        };
        host.shared = Some(host.start()?);
        Ok(host)
    }

    fn start(&self) -> Result<Running, HostError> {
        let listener = GatewayListener::new(self.handle.clone())?;
        let config = EnvoyConfig::shipped(self.upstream.address())?
            .registry(listener.address(), &gateway_token())?
            .with_workers(self.workers)?
            .routes(&[Route::new("case", "/").service(SERVICE)])?
            // Cases are about the filter alone, and about key names with an underscore.
            .without_early_protection()?;
        Ok(Running {
            envoy: Envoy::start(&config)?,
            listener,
        })
    }

    fn running(&self) -> Result<&Running, HostError> {
        let running = self.own.as_ref().or(self.shared.as_ref());
        running.ok_or(HostError::NotBegun)
    }

    fn running_mut(&mut self) -> Result<&mut Running, HostError> {
        let running = self.own.as_mut().or(self.shared.as_mut());
        running.ok_or(HostError::NotBegun)
    }

    fn wait(&self, patience: Duration) -> Result<(), StageError> {
        // Envoy's main thread has a virtual machine too.
        let machines = self.workers + 1;
        self.running()
            .map_err(|error| StageError::Config(error.to_string()))?
            .listener
            .wait_until_read(machines, patience)
    }
}

impl Host for EnvoyHost {
    fn empty_registry(&mut self) -> Result<Resident, HostError> {
        Ok(self.handle.block_on(Resident::open(Clock::System.now()))?)
    }

    fn show(&mut self, registry: Resident) -> Result<(), HostError> {
        let registry = Arc::new(registry);
        self.own = None;
        if self.shared.is_none() {
            self.shared = Some(self.start()?);
        }
        let running = self.running_mut()?;
        running.listener.replace(Arc::clone(&registry));
        running.listener.reach()?;
        self.registry = Some(registry);
        self.wait(TAKING_IN)
            // Whatever it is, the next case does not start with it.
            .inspect_err(|_| self.shared = None)?;
        Ok(())
    }

    fn hide(&mut self, registry: Resident) -> Result<(), HostError> {
        self.own = Some(self.start()?);
        self.registry = Some(Arc::new(registry));
        Ok(())
    }

    fn registry(&self) -> Result<&Resident, HostError> {
        let registry = self.registry.as_deref().ok_or(HostError::NotBegun)?;
        registry.set_time(Clock::System.now());
        Ok(registry)
    }

    fn exchange(&mut self, request: &Request) -> Result<Seen, HostError> {
        self.upstream.forget();
        let mut connection = client::Connection::open(self.running()?.envoy.address())?;
        connection.write(&bytes(request))?;
        let response = connection.response(&request.method);
        Ok(Seen {
            response: response.map_err(|error| error.to_string()).map(seen),
            arrivals: self.upstream.requests().into_iter().map(arrival).collect(),
        })
    }

    fn propagate(&mut self) -> Result<(), HostError> {
        // Whether that was enough shows in the next exchange.
        let _ = self.wait(PROPAGATION);
        Ok(())
    }

    fn cut_off(&mut self) -> Result<(), HostError> {
        Ok(self.running_mut()?.listener.cut_off()?)
    }

    fn pass(&mut self, time: Duration) -> Result<(), HostError> {
        thread::sleep(time);
        Ok(())
    }

    fn end(&mut self) -> Result<Vec<Mismatch>, HostError> {
        let reloads = self.running()?.envoy.stats()?;
        let reloads: u64 = reloads
            .matching("wasm.", ".vm_reload")
            .iter()
            .map(|(_, count)| count)
            .sum();
        if reloads == 0 {
            return Ok(Vec::new());
        }
        self.shared = None;
        Ok(vec![Mismatch::new("reloads of the filter", 0, reloads)])
    }
}

/// Returns what is sent: the request, a host, the framing of its body.
fn bytes(request: &Request) -> Vec<u8> {
    let mut built = client::Request::new(&request.method, request.target.clone());
    for line in &request.headers {
        let name = String::from_utf8_lossy(&line.name);
        built = built.header(&name, line.value.clone());
    }
    match &request.body {
        Body::None => built,
        Body::Whole(body) => built.body(body.clone()),
        Body::Chunked(chunks) => built.chunks(chunks.clone()),
    }
    .to_bytes()
}

fn seen(response: client::Response) -> Response {
    Response {
        status: response.status,
        headers: response.head.lines,
        body: response.body,
    }
}

fn arrival(request: Recorded) -> Arrival {
    Arrival {
        target: request.target().to_vec(),
        body: request.is_complete().then(|| request.body_bytes().to_vec()),
        headers: request.head.lines,
    }
}
