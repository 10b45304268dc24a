//! A registry in this process: the real one, with its storage and routers, and a clock that can be
//! moved.
//!
//! [`Resident`] is one history; [`GatewayListener`] shows gateways one after the other, and knows
//! how far each virtual machine has come. [`draft`] makes what a registry keeps.

pub mod draft;
mod listener;
mod reading;

use std::sync::Arc;

use keystile_protocol::key::{self, ApiKey};
use keystile_registry::clock::{Clock, ManualClock};
use keystile_registry::domain::access::{Actor, Admin, Role, Scope, TOKEN_PREFIX, Token};
use keystile_registry::domain::credential::WeakKeys;
use keystile_registry::domain::id::{AdminId, TokenId};
use keystile_registry::domain::text::{Email, Line};
use keystile_registry::domain::timestamp::Timestamp;
use keystile_registry::random::Random;
use keystile_registry::storage::feed::Position;
use keystile_registry::storage::{Deed, StorageError, Write, people, token};
use keystile_registry::{Registry, Settings};
use tempfile::TempDir;

pub use listener::GatewayListener;
pub use reading::Reading;

/// A registry in this process, on a database of its own.
#[derive(Debug)]
pub struct Resident {
    /// The registry; it takes in weak keys.
    pub registry: Arc<Registry>,
    clock: ManualClock,
    // Dropped last: the database is in it.
    _folder: TempDir,
}

/// Why there is no registry in this process.
#[derive(Debug, thiserror::Error)]
pub enum ResidentError {
    /// No folder for it.
    #[error("cannot make a folder: {0}")]
    Folder(#[from] std::io::Error),
    /// No randomness.
    #[error("the operating system has no randomness")]
    Random,
    /// Its settings are refused.
    #[error("cannot settle the registry's settings: {0}")]
    Settings(String),
    /// It does not open.
    #[error("cannot open a registry: {0:?}")]
    Open(#[from] keystile_registry::storage::OpenError),
    /// It does not keep what it must.
    #[error("cannot write: {0:?}")]
    Storage(#[from] StorageError),
}

// === impl Resident ===

impl Resident {
    /// Opens an empty registry whose clock stands at a time.
    pub async fn open(now: Timestamp) -> Result<Self, ResidentError> {
        let folder = folder()?;
        let clock = ManualClock::at(now);
        let settings = Settings {
            weak_keys: WeakKeys::Allowed,
            ..Settings::local().map_err(|error| ResidentError::Settings(error.to_string()))?
        };
        let random = Random::from_system().map_err(|_| ResidentError::Random)?;
        let time = Clock::Manual(clock.clone());
        let registry = Registry::in_folder(folder.path(), settings, time, random).await?;
        let resident = Self {
            registry,
            clock,
            _folder: folder,
        };
        resident.admit_gateways().await?;
        Ok(resident)
    }

    /// Returns the time by its clock.
    pub fn now(&self) -> Timestamp {
        self.registry.clock.now()
    }

    /// Moves its clock.
    pub fn set_time(&self, now: Timestamp) {
        self.clock.advance_ms(now.0 - self.now().0);
    }

    /// Begins to change what it keeps.
    pub async fn write(&self) -> Result<Write, StorageError> {
        let storage = &self.registry.storage;
        storage.write(Actor::Operator, self.now()).await
    }

    /// Returns where its history stands.
    pub fn position(&self) -> Position {
        *self.registry.storage.watch_position().borrow()
    }

    async fn admit_gateways(&self) -> Result<(), ResidentError> {
        let invalid = |error: String| ResidentError::Settings(error);
        let admin = Admin {
            id: AdminId(self.registry.random.uuid()),
            email: Email::parse("admin@keystile.test").map_err(|e| invalid(e.to_string()))?,
            role: Role::Owner,
        };
        let token = Token {
            id: TokenId(self.registry.random.uuid()),
            admin: admin.id,
            name: Line::parse("gateways").map_err(|e| invalid(e.to_string()))?,
            scopes: vec![Scope::Gateway],
            created_at: self.now(),
            expires_at: None,
            revoked_at: None,
        };
        let mut write = self.write().await?;
        people::add(&mut write, &admin).await?;
        let digest = ApiKey::new(gateway_token()).digest();
        token::add(&mut write, &token, digest).await?;
        write.commit(Deed::new("token.add", token.id)).await?;
        Ok(())
    }
}

/// Returns what gateways show every registry of this process, so that one may follow the other.
pub fn gateway_token() -> String {
    key::compose(TOKEN_PREFIX, "GatewaysOfTheStage00000000000000")
}

/// Returns a folder in memory where the machine has one: a registry flushes each write to the disk,
/// and here is one registry for each case.
fn folder() -> std::io::Result<TempDir> {
    const IN_MEMORY: &str = "/dev/shm";
    tempfile::tempdir_in(IN_MEMORY).or_else(|_| tempfile::tempdir())
}
