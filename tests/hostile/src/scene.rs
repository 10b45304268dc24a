//! What hostile requests are sent at: Envoy with the filter in its default configuration, a registry
//! with one valid key, an upstream that serves everything.

use std::sync::Arc;
use std::time::Duration;

use cases::resident::{GatewayListener, Resident, draft, gateway_token};
use cases::tally::{Mismatch, shown};
use keystile_registry::clock::Clock;
use keystile_registry::domain::credential::KEY_PREFIX;
use keystile_registry::domain::service::{KeyAuth, Service};
use keystile_registry::storage::{Deed, StorageError, application, credential, service};
use stage::client::{Connection, Request};
use stage::envoy::{Envoy, EnvoyConfig, Route};
use stage::error::StageError;
use stage::upstream::Upstream;
use tokio::runtime::Handle;

use crate::log::RegistryLog;

/// Where control requests go; no hostile request does.
pub(crate) const CONTROL: &str = "/control";

const SERVICE: &str = "hostile";

/// How long every worker may take to know the registry.
const TAKING_IN: Duration = Duration::from_secs(20);

/// What hostile requests are sent at.
pub(crate) struct Scene {
    // Dropped first: what it asks must not be gone before it.
    pub(crate) envoy: Envoy,
    pub(crate) upstream: Upstream,
    /// A key that works.
    pub(crate) key: String,
    /// One that looks as good and is unknown.
    pub(crate) wrong: String,
    listener: GatewayListener,
    resident: Arc<Resident>,
    handle: Handle,
    service: Service,
    workers: usize,
    controls: Vec<Connection>,
}

/// Why there is no scene.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SceneError {
    /// A part of the stage does not stand.
    #[error("{0}")]
    Stage(#[from] StageError),
    /// There is no registry.
    #[error("{0}")]
    Resident(#[from] cases::resident::ResidentError),
    /// The registry does not keep what it must.
    #[error("{0:?}")]
    Storage(#[from] StorageError),
    /// What it should keep is refused.
    #[error("{0}")]
    Draft(String),
}

// === impl Scene ===

impl Scene {
    /// Starts everything, with so many workers.
    ///
    /// One worker runs Envoy as it is shipped. With several, Envoy's own protection of identity
    /// headers is off: the filter's has to do.
    pub(crate) fn open(handle: &Handle, workers: usize) -> Result<Self, SceneError> {
        let resident = Arc::new(handle.block_on(Resident::open(Clock::System.now()))?);
        let random = &resident.registry.random;
        let (key, wrong) = (random.secret(KEY_PREFIX), random.secret(KEY_PREFIX));
        let service = handle.block_on(load(&resident, &key))?;
        let upstream = Upstream::start()?;
        let mut listener = GatewayListener::new(handle.clone())?;
        listener.replace(Arc::clone(&resident));
        listener.reach()?;
        let config = EnvoyConfig::shipped(upstream.address())?
            .registry(listener.address(), &gateway_token())?
            .with_workers(workers)?
            .routes(&[Route::new("hostile", "/").service(SERVICE)])?;
        let config = match workers {
            1 => config,
            _ => config.without_early_protection()?,
        };
        let mut scene = Self {
            envoy: Envoy::start(&config)?,
            upstream,
            key,
            wrong,
            listener,
            resident,
            handle: handle.clone(),
            service,
            workers,
            controls: Vec::new(),
        };
        scene.wait()?;
        scene.controls = scene.envoy.connections_to_every_worker()?;
        Ok(scene)
    }

    /// Hides keys from the upstream from now on.
    pub(crate) fn hide_credentials(&mut self) -> Result<(), SceneError> {
        self.service.key_auth.hide_credentials = true;
        let (resident, service) = (&self.resident, &self.service);
        self.handle.block_on(async {
            let mut write = resident.write().await?;
            service::update(&mut write, service).await?;
            let deed = Deed::new("service.update", service.id);
            write.commit(deed).await.map(drop)
        })?;
        self.wait()
    }

    /// Opens idle connections, so that the next one goes to a worker that `number` chooses: Envoy gives
    /// each connection to the worker that has the fewest.
    pub(crate) fn ballast(&self, number: usize) -> Vec<Connection> {
        let open = |_| Connection::open(self.envoy.address()).ok();
        (0..number % self.workers).filter_map(open).collect()
    }

    /// Asks every worker with the key and without; lists what is not answered as it must be.
    pub(crate) fn control(&mut self) -> Vec<Mismatch> {
        let good = Request::get(CONTROL).header("apikey", self.key.as_str());
        let none = Request::get(CONTROL);
        let mut mismatches = Vec::new();
        for connection in &mut self.controls {
            for (request, status, name) in [
                (&good, 200, "control with the key"),
                (&none, 401, "control without a key"),
            ] {
                match connection.exchange(request) {
                    Ok(response) if response.status == status => {}
                    Ok(response) => {
                        mismatches.push(Mismatch::new(name, status, response.status));
                    }
                    Err(error) => mismatches.push(Mismatch::new(name, status, error)),
                }
            }
        }
        if !mismatches.is_empty()
            && let Ok(controls) = self.envoy.connections_to_every_worker()
        {
            self.controls = controls;
        }
        mismatches
    }

    /// Lists what a whole run must not leave behind: reloads of the filter, and the bytes of a key in
    /// a log or metric.
    pub(crate) fn end(&self, registry_log: &RegistryLog) -> Result<Vec<Mismatch>, SceneError> {
        let admin = |path: &str| -> Result<Vec<u8>, StageError> {
            Ok(Request::get(path).send(self.envoy.admin())?.body)
        };
        let stats = self.envoy.stats()?;
        let reloads: u64 = stats
            .matching("wasm.", ".vm_reload")
            .iter()
            .map(|(_, count)| count)
            .sum();
        let mut mismatches = Vec::new();
        if reloads > 0 {
            mismatches.push(Mismatch::new("reloads of the filter", 0, reloads));
        }
        // A place that has to show something must, or finding no key in it says nothing.
        for (place, landmark, bytes) in [
            ("Envoy's log", CONTROL, self.envoy.log().into_bytes()),
            ("Envoy's /stats", "vm_reload", admin("/stats")?),
            (
                "Envoy's /stats/prometheus",
                "keystile",
                admin("/stats/prometheus")?,
            ),
            ("Envoy's /clusters", "keystile", admin("/clusters")?),
            ("Envoy's /config_dump", "keystile", admin("/config_dump")?),
            ("the registry's log", "gateway", registry_log.bytes()),
        ] {
            if !holds(&bytes, landmark) {
                mismatches.push(Mismatch::new(place, landmark, "a log without it"));
            }
            mismatches.extend(self.leaks(place, &bytes));
        }
        Ok(mismatches)
    }

    /// Lists the lines with a key in them.
    fn leaks(&self, place: &str, bytes: &[u8]) -> Vec<Mismatch> {
        let is_leak = |line: &&[u8]| holds(line, &self.key) || holds(line, &self.wrong);
        let lines = bytes.split(|byte| *byte == b'\n');
        lines
            .filter(is_leak)
            .map(|line| Mismatch::new(place, "no key in it", shown(line)))
            .collect()
    }

    fn wait(&self) -> Result<(), SceneError> {
        // Envoy's main thread has a virtual machine too.
        let machines = self.workers + 1;
        Ok(self.listener.wait_until_read(machines, TAKING_IN)?)
    }
}

/// Puts one service, one application and one key into an empty registry.
async fn load(resident: &Resident, key: &str) -> Result<Service, SceneError> {
    let registry = &resident.registry;
    let key_auth = KeyAuth {
        key_in_body: true,
        hide_credentials: false,
        ..KeyAuth::default()
    };
    let service = draft::service(registry, SERVICE, key_auth)
        .map_err(|error| SceneError::Draft(error.to_string()))?;
    let caller = draft::application(registry, "caller")
        .map_err(|error| SceneError::Draft(error.to_string()))?;
    let good = draft::credential(registry, caller.id, key)
        .map_err(|error| SceneError::Draft(error.to_string()))?;
    let mut write = resident.write().await?;
    service::add(&mut write, &service).await?;
    application::add(&mut write, &caller).await?;
    credential::add(&mut write, &good).await?;
    write.commit(Deed::new("service.add", service.id)).await?;
    Ok(service)
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}
