//! What is done to Keystile, and what that may cost.

mod link;

use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use stage::client::Request;
use stage::error::StageError;
use stage::planted;
use stage::wait;

use crate::ground::{Ground, Place};

/// By how much clocks are stepped.
const HOUR_S: i64 = 3_600;

/// How many requests that trap a filter are sent: several for each worker.
const FATAL: usize = 16;

/// How soon Envoy must have loaded a filter again that trapped.
const RELOAD: Duration = Duration::from_secs(5);

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Fault {
    /// The registry is killed (SIGKILL) and started again.
    RegistryKilled,
    /// The registry stands still (SIGSTOP) and goes on.
    RegistryPaused,
    /// Each question and each answer takes up to a fifth of a second.
    RegistrySlow,
    /// Answers end or stall in the middle, most of them.
    RegistryHalfAnswers,
    /// The disk under the registry's SQLite is full.
    DiskFull,
    /// The registry's clock jumps an hour ahead, and back.
    RegistryClockAhead,
    /// The registry's clock jumps an hour back, and ahead.
    RegistryClockBack,
    /// Envoy's clock jumps an hour ahead, and back.
    EnvoyClockAhead,
    /// Envoy's clock jumps an hour back, and ahead.
    EnvoyClockBack,
    /// PostgreSQL crashes and is started again.
    PostgresqlCrashed,
    /// Another Envoy takes over (`--restart-epoch`).
    EnvoyHotRestart,
    /// The filter traps at every worker (a module with a fault planted in it).
    FilterTrapped,
    /// The registry is killed and stays away for longer than `max_stale_s`.
    RegistryGone,
}

/// Whether gateways hear of changes meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feed {
    /// As promised.
    Followed,
    /// Not before it is over.
    CutOff,
}

// === impl Fault ===

impl Fault {
    /// Returns where it is tried.
    pub(crate) fn place(self) -> Place {
        match self {
            Self::RegistryKilled | Self::RegistryPaused | Self::PostgresqlCrashed => {
                Place::PostgreSql
            }
            Self::FilterTrapped | Self::RegistryGone => Place::Planted,
            _ => Place::Sqlite,
        }
    }

    /// Returns what people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RegistryKilled => "registry killed",
            Self::RegistryPaused => "registry paused",
            Self::RegistrySlow => "registry slow",
            Self::RegistryHalfAnswers => "registry half-answering",
            Self::DiskFull => "disk full",
            Self::RegistryClockAhead => "registry's clock 1 h ahead",
            Self::RegistryClockBack => "registry's clock 1 h back",
            Self::EnvoyClockAhead => "Envoy's clock 1 h ahead",
            Self::EnvoyClockBack => "Envoy's clock 1 h back",
            Self::PostgresqlCrashed => "PostgreSQL crashed",
            Self::EnvoyHotRestart => "Envoy hot restart",
            Self::FilterTrapped => "filter trapped",
            Self::RegistryGone => "registry gone beyond max_stale_s",
        }
    }

    /// Returns whether gateways hear of changes meanwhile.
    pub(crate) fn feed(self) -> Feed {
        match self {
            Self::RegistryKilled
            | Self::RegistryPaused
            | Self::RegistryHalfAnswers
            | Self::PostgresqlCrashed
            | Self::RegistryGone => Feed::CutOff,
            _ => Feed::Followed,
        }
    }

    /// Whether a gateway may answer 503, or not at all, until it has recovered: where it has just begun,
    /// where its clock jumps ahead (back, too, in the end) and with it the age of what it knows, or where
    /// that is too old. No other fault stops anybody.
    pub(crate) fn may_close(self) -> bool {
        matches!(
            self,
            Self::EnvoyHotRestart
                | Self::FilterTrapped
                | Self::EnvoyClockAhead
                | Self::EnvoyClockBack
                | Self::RegistryGone
        )
    }

    /// Returns how long it lasts, if the usual is so long.
    pub(crate) fn lasts(self, usual: Duration, max_stale: Duration) -> Duration {
        match self {
            // These are over when they have happened.
            Self::EnvoyHotRestart | Self::FilterTrapped => Duration::ZERO,
            Self::RegistryGone => max_stale + usual,
            _ => usual,
        }
    }

    /// Makes it happen.
    pub(crate) fn begin(self, ground: &mut Ground, seed: u64) -> Result<(), StageError> {
        match self {
            Self::RegistryKilled | Self::RegistryGone => ground.scene.registry.kill(),
            Self::RegistryPaused => ground.scene.registry.signal("STOP")?,
            Self::RegistrySlow => ground.relay()?.follow(link::slow(seed)),
            Self::RegistryHalfAnswers => ground.relay()?.follow(link::half(seed)),
            Self::DiskFull => ground.disk()?.fill(&ground.scene.registry)?,
            Self::RegistryClockAhead => ground.clocks.registry.step_to(HOUR_S)?,
            Self::RegistryClockBack => ground.clocks.registry.step_to(-HOUR_S)?,
            Self::EnvoyClockAhead => ground.clocks.envoy.step_to(HOUR_S)?,
            Self::EnvoyClockBack => ground.clocks.envoy.step_to(-HOUR_S)?,
            Self::PostgresqlCrashed => ground.postgresql()?.crash(),
            Self::EnvoyHotRestart => ground.scene.envoy.hot_restart(&ground.config)?,
            Self::FilterTrapped => trap(ground)?,
        }
        Ok(())
    }

    /// Ends it.
    pub(crate) fn end(self, ground: &mut Ground) -> Result<(), StageError> {
        match self {
            Self::RegistryKilled | Self::RegistryGone => ground.start_registry()?,
            Self::RegistryPaused => ground.scene.registry.signal("CONT")?,
            Self::RegistrySlow | Self::RegistryHalfAnswers => ground.relay()?.follow(link::sound),
            Self::DiskFull => ground.disk()?.free(&ground.scene.registry)?,
            Self::RegistryClockAhead | Self::RegistryClockBack => {
                ground.clocks.registry.step_to(0)?;
            }
            Self::EnvoyClockAhead | Self::EnvoyClockBack => ground.clocks.envoy.step_to(0)?,
            Self::PostgresqlCrashed => ground.postgresql()?.start_again()?,
            Self::EnvoyHotRestart | Self::FilterTrapped => {}
        }
        Ok(())
    }

    /// Returns how far Envoy's clock is ahead meanwhile, in milliseconds.
    pub(crate) fn envoy_ahead_ms(self) -> Option<i64> {
        match self {
            Self::EnvoyClockAhead => Some(HOUR_S * 1_000),
            Self::EnvoyClockBack => Some(-HOUR_S * 1_000),
            _ => None,
        }
    }
}

/// Traps the filter of every worker: Envoy spreads connections that are open at the same time.
fn trap(ground: &Ground) -> Result<(), StageError> {
    let before = reloads(ground)?;
    let proxy = ground.scene.envoy.address();
    let fatal = (0..planted::TRAPS_AT).fold(Request::get("/ours"), |request, number| {
        request.header(&format!("x-field-{number}"), "1")
    });
    thread::scope(|threads| {
        for _ in 0..FATAL {
            // Whether anything answers it does not matter here.
            threads.spawn(|| fatal.send(proxy).is_ok());
        }
    });
    // Envoy loads a filter again when the next request comes, of the load.
    wait::until("reload of a filter", RELOAD, || match reloads(ground) {
        Ok(after) if after > before => Ok(()),
        other => Err(format!("{other:?}")),
    })
}

/// Returns how often Envoy has loaded a filter again that trapped.
pub(crate) fn reloads(ground: &Ground) -> Result<u64, StageError> {
    let stats = ground.scene.envoy.stats()?;
    let reloads = stats.matching("vm_reload", "vm_reload_success");
    Ok(reloads.iter().map(|(_, count)| count).sum())
}
