//! Where faults happen: an Envoy with four workers, a registry and its database, an upstream.
//!
//! [`clock`] steps the clocks of programs, [`disk`] is one that gets full. All else is the stage's.

mod clock;
mod disk;

use std::process::Command;
use std::time::Duration;

use serde_json::json;
use stage::envoy::{EnvoyConfig, Route};
use stage::error::StageError;
use stage::planted;
use stage::port::Port;
use stage::postgres::PostgreSql;
use stage::registry::{Database, Listeners, Registry};
use stage::relay::Relay;
use stage::scene::Scene;
use tempfile::TempDir;

use crate::population::{PATHS, SERVICES};
use clock::SteppedClock;
use disk::Disk;
pub(crate) use disk::Kind;

/// How many workers Envoy has.
pub(crate) const WORKERS: usize = 4;

/// One of the grounds of a drill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// SQLite on a disk that gets full, reached through a relay.
    Sqlite,
    /// PostgreSQL, and the registry is reached directly.
    PostgreSql,
    /// A filter with a fault planted in it.
    Planted,
}

/// What a place has besides.
#[derive(Debug)]
enum Special {
    Disk(Disk, Relay),
    PostgreSql(PostgreSql),
    Module,
}

/// A running ground; everything ends with it.
#[derive(Debug)]
pub(crate) struct Ground {
    /// Envoy, the registry and the upstream.
    pub(crate) scene: Scene,
    /// What Envoy was told.
    pub(crate) config: EnvoyConfig,
    /// What time they think it is.
    pub(crate) clocks: Clocks,
    special: Special,
    // Held, so that a successor of Envoy finds them.
    _ports: [Port; 2],
    // Dropped last: clocks and modules are in it.
    _folder: TempDir,
}

/// The clocks that are stepped.
#[derive(Debug)]
pub(crate) struct Clocks {
    /// The registry's.
    pub(crate) registry: SteppedClock,
    /// Envoy's.
    pub(crate) envoy: SteppedClock,
}

// === impl Place ===

impl Place {
    /// Returns all of them.
    pub(crate) const ALL: [Self; 3] = [Self::Sqlite, Self::PostgreSql, Self::Planted];

    /// Returns how long its gateway decides by what it knows.
    pub(crate) fn max_stale(self) -> Duration {
        match self {
            Self::Sqlite | Self::PostgreSql => Duration::from_secs(20),
            // Waiting for longer than that is one of its faults.
            Self::Planted => Duration::from_secs(4),
        }
    }

    fn special(self) -> Result<(Special, Registry), StageError> {
        let listeners = Listeners::free()?;
        let gateway = listeners.gateway;
        Ok(match self {
            Self::Sqlite => {
                let disk = Disk::make()?;
                let registry = Registry::prepare(&disk.database(), listeners)?;
                (Special::Disk(disk, Relay::start(gateway)?), registry)
            }
            Self::PostgreSql => {
                let server = PostgreSql::start()?;
                let database = Database::Url(server.url());
                let registry = Registry::prepare(&database, listeners)?;
                (Special::PostgreSql(server), registry)
            }
            Self::Planted => {
                let registry = Registry::prepare(&Database::Sqlite, listeners)?;
                (Special::Module, registry)
            }
        })
    }
}

// === impl Ground ===

impl Ground {
    /// Starts everything at a place.
    pub(crate) fn prepare(place: Place) -> Result<Self, StageError> {
        let folder = tempfile::tempdir().map_err(StageError::io("cannot make a folder"))?;
        let clocks = Clocks {
            registry: SteppedClock::make(folder.path(), "registry-clock")?,
            envoy: SteppedClock::make(folder.path(), "envoy-clock")?,
        };
        let (special, mut registry) = place.special()?;
        start(&mut registry, &special, &clocks)?;
        let ports = [claim()?, claim()?];
        let token = registry.gateway_token().to_owned();
        let mut kept = None;
        let scene = Scene::set(registry, |config| {
            let [proxy, admin] = ports.each_ref().map(Port::number);
            let config = special
                .configure(config, &token, &folder)?
                .with_workers(WORKERS)?
                .plugin("max_stale_s", json!(place.max_stale().as_secs()))?
                .routes(&routes())?
                .listen(proxy, admin)?
                .with_successors(proxy)
                .with_environment(&clocks.envoy.environment());
            Ok(kept.insert(config).clone())
        })?;
        let config = kept.ok_or_else(|| StageError::unexpected("configuration", &place))?;
        Ok(Self {
            scene,
            config,
            clocks,
            special,
            _ports: ports,
            _folder: folder,
        })
    }

    /// Starts the registry again.
    pub(crate) fn start_registry(&mut self) -> Result<(), StageError> {
        start(&mut self.scene.registry, &self.special, &self.clocks)
    }

    /// Returns what is between Envoy and the registry.
    pub(crate) fn relay(&self) -> Result<&Relay, StageError> {
        match &self.special {
            Special::Disk(_, relay) => Ok(relay),
            other => Err(StageError::unexpected("relay", other)),
        }
    }

    /// Returns the disk under the registry.
    pub(crate) fn disk(&self) -> Result<&Disk, StageError> {
        match &self.special {
            Special::Disk(disk, _) => Ok(disk),
            other => Err(StageError::unexpected("disk", other)),
        }
    }

    /// Returns how the disk gets full, where there is one.
    pub(crate) fn disk_kind(&self) -> Option<Kind> {
        self.disk().ok().map(Disk::kind)
    }

    /// Returns the database's server.
    pub(crate) fn postgresql(&mut self) -> Result<&mut PostgreSql, StageError> {
        match &mut self.special {
            Special::PostgreSql(server) => Ok(server),
            other => Err(StageError::unexpected("PostgreSQL", other)),
        }
    }
}

// === impl Special ===

impl Special {
    fn serving(&self, registry: &Registry) -> Result<Command, StageError> {
        match self {
            Self::Disk(disk, _) => disk.serving(registry),
            Self::PostgreSql(_) | Self::Module => registry.serving(),
        }
    }

    fn configure(
        &self,
        config: EnvoyConfig,
        token: &str,
        folder: &TempDir,
    ) -> Result<EnvoyConfig, StageError> {
        match self {
            Self::Disk(_, relay) => config.registry(relay.address(), token),
            Self::PostgreSql(_) => Ok(config),
            Self::Module => {
                let module = folder.path().join("faulty.wasm");
                planted::write(&module)?;
                Ok(config.with_filter(&module))
            }
        }
    }
}

/// Starts the registry under its own clock.
fn start(registry: &mut Registry, special: &Special, clocks: &Clocks) -> Result<(), StageError> {
    let mut command = special.serving(registry)?;
    command.envs(clocks.registry.environment());
    registry.start_as(&mut command)
}

fn claim() -> Result<Port, StageError> {
    Port::claim().map_err(StageError::io("no free port"))
}

fn routes() -> [Route; 2] {
    let route = |name: &'static str, path: &'static str| Route::new(name, path).service(name);
    let ([ours, theirs], [our_path, their_path]) = (SERVICES, PATHS);
    [route(theirs, their_path), route(ours, our_path)]
}
