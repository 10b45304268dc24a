//! The registry as one thing: its storage, its sources of time and chance, and its settings.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use ipnet::IpNet;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::domain::credential::{KEY_PREFIX, WeakKeys};
use crate::domain::origin::WebOrigin;
use crate::drain::Drain;
use crate::gateways::Gateways;
use crate::hashing::Hashing;
use crate::mail::server::MailServer;
use crate::metrics::Metrics;
use crate::random::Random;
use crate::refusals::Refusals;
use crate::storage::{DatabaseUrl, OpenError, Storage, StorageError};
use crate::throttle::Throttle;

/// How often the history's position is looked at, for writes of other processes.
const POSITION_INTERVAL: Duration = Duration::from_millis(250);

/// How often it is looked for what is too old.
const FORGET_INTERVAL: Duration = Duration::from_hours(1);

/// What an administrator of the program settles, whatever the data says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where developers find the portal; links in mails begin with it.
    pub public_url: url::Url,
    /// Where administrators find theirs.
    pub admin_url: url::Url,
    /// Whether keys that could be guessed are taken in.
    pub weak_keys: WeakKeys,
    /// What begins every key issued here.
    pub key_prefix: String,
    /// Who may say where a request comes from, in `X-Forwarded-For`.
    pub trusted_proxies: Vec<IpNet>,
    /// Where mails go; without it administrators pass their links on.
    pub mail: Option<MailServer>,
    /// Whose front-end stands before the portal's API.
    pub front_end: FrontEnd,
}

/// Whose front-end stands before the portal's API, besides or instead of our pages.
#[derive(Debug, Clone, Default)]
pub struct FrontEnd {
    /// A folder that is served instead of our pages, without links in its own path.
    pub static_dir: Option<PathBuf>,
    /// Whose pages may call it from elsewhere.
    pub cors_origins: Vec<WebOrigin>,
}

/// The registry.
#[derive(Debug)]
pub struct Registry {
    /// What it keeps.
    pub storage: Storage,
    /// What time it is.
    pub clock: Clock,
    /// Where ids and secrets come from.
    pub random: Random,
    /// Where passwords are hashed.
    pub hashing: Hashing,
    /// Where attempts are counted.
    pub throttle: Throttle,
    /// What its administrator settled.
    pub settings: Settings,
    /// The gateways that follow it.
    pub gateways: Gateways,
    /// What it refused lately.
    pub refusals: Refusals,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether it was told to stop.
    pub drain: Drain,
    /// Tells this process from other replicas, in every answer to a gateway.
    pub instance: String,
    /// What goes on in the background; it ends with the registry.
    tasks: [JoinHandle<()>; 2],
}

// === impl Settings ===

impl Settings {
    /// Returns the settings of a registry on this machine.
    pub fn local() -> Result<Self, url::ParseError> {
        Ok(Self {
            public_url: url::Url::parse("http://localhost:8003")?,
            admin_url: url::Url::parse("http://localhost:8001")?,
            weak_keys: WeakKeys::Refused,
            key_prefix: KEY_PREFIX.to_owned(),
            trusted_proxies: Vec::new(),
            mail: None,
            front_end: FrontEnd::default(),
        })
    }
}

// === impl Registry ===

impl Registry {
    /// Opens a registry; its time and chance come from the arguments alone.
    pub async fn open(
        database: &DatabaseUrl,
        settings: Settings,
        clock: Clock,
        random: Random,
    ) -> Result<Arc<Self>, OpenError> {
        let storage = Storage::open(database, &clock, &random).await?;
        Ok(Arc::new_cyclic(|registry| Self {
            storage,
            hashing: Hashing::for_this_machine(),
            throttle: Throttle::default(),
            settings,
            gateways: Gateways::default(),
            refusals: Refusals::default(),
            metrics: Metrics::default(),
            drain: Drain::default(),
            instance: random.uuid().to_string(),
            tasks: [
                tokio::spawn(follow_position(Weak::clone(registry))),
                tokio::spawn(forget(Weak::clone(registry))),
            ],
            clock,
            random,
        }))
    }

    /// Opens a registry in a file of its own in a folder, as tests want it.
    pub async fn in_folder(
        folder: &Path,
        settings: Settings,
        clock: Clock,
        random: Random,
    ) -> Result<Arc<Self>, OpenError> {
        let database = DatabaseUrl::Sqlite(folder.join("keystile.db"));
        Self::open(&database, settings, clock, random).await
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Notices what other processes wrote, as long as the registry lives.
async fn follow_position(registry: Weak<Registry>) {
    let mut interval = tokio::time::interval(POSITION_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut was_reachable = true;
    loop {
        interval.tick().await;
        // The first tick may come before `open` returns; afterwards the task is aborted.
        if let Some(registry) = registry.upgrade() {
            let outcome = registry.storage.refresh_position().await;
            if let Err(error) = &outcome
                && was_reachable
            {
                log_unreachable(error);
            }
            was_reachable = outcome.is_ok();
        }
    }
}

/// Forgets what is too old of what was counted and mailed, as long as the registry lives.
async fn forget(registry: Weak<Registry>) {
    let mut interval = tokio::time::interval(FORGET_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        if let Some(registry) = registry.upgrade() {
            let now = registry.clock.now();
            let outcome = registry.storage.forget_usage(now).await;
            // The next time will do.
            outcome.unwrap_or_else(|error| log_unforgotten(&error));
            let outcome = registry.storage.forget_mails(now).await;
            outcome.unwrap_or_else(|error| log_unforgotten(&error));
        }
    }
}

fn log_unforgotten(error: &StorageError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, "cannot forget what is old");
}

fn log_unreachable(error: &StorageError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, "cannot read the revision");
}
