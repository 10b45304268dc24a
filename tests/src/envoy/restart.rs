//! How an Envoy runs beside what it is configured to do, and how another takes its place without a
//! pause (Envoy's hot restart).

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::{Envoy, EnvoyConfig, launch, wait_until_ready};
use crate::client::Request;
use crate::error::StageError;
use crate::wait;

/// How long the old one finishes what it has begun, and when it is gone.
const DRAIN_S: u32 = 1;
const END_S: u32 = 3;

/// The old one ends by itself, on a busy machine late.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is said to Envoy beside its configuration.
#[derive(Debug, Clone, Default)]
pub(super) struct HowItRuns {
    /// Variables of its environment.
    pub(super) environment: Vec<(String, String)>,
    /// What its successors find it by, if there may be any.
    pub(super) base_id: Option<u32>,
}

// === impl EnvoyConfig ===

impl EnvoyConfig {
    /// Lets another Envoy take its place ([`Envoy::hot_restart`]): both listen on the same ports, which
    /// have to be given ([`EnvoyConfig::listen`]), and find each other by a number of their own.
    #[must_use]
    pub fn with_successors(mut self, base_id: u16) -> Self {
        self.process.base_id = Some(base_id.into());
        self
    }

    /// Sets variables of its environment.
    #[must_use]
    pub fn with_environment(mut self, variables: &[(String, String)]) -> Self {
        self.process.environment = variables.to_vec();
        self
    }

    pub(super) fn base_id(&self) -> Option<u32> {
        self.process.base_id
    }

    pub(super) fn say_how_it_runs(&self, command: &mut Command, epoch: u32) {
        command.envs(self.process.environment.iter().cloned());
        let Some(base_id) = self.process.base_id else {
            // Two Envoys on one machine would share memory under the same base id.
            command.arg("--disable-hot-restart");
            return;
        };
        for (name, value) in [
            ("--base-id", base_id),
            ("--restart-epoch", epoch),
            ("--drain-time-s", DRAIN_S),
            ("--parent-shutdown-time-s", END_S),
        ] {
            command.arg(name).arg(value.to_string());
        }
    }
}

// === impl Envoy ===

impl Envoy {
    /// Starts another Envoy that takes the listeners over, and waits until the old one is gone.
    pub fn hot_restart(&mut self, config: &EnvoyConfig) -> Result<(), StageError> {
        let epoch = self.epoch + 1;
        let mut successor = launch(config, self.folder.path(), epoch)?;
        let admin = self.admin;
        wait::until("successor of Envoy", PATIENCE, || {
            if let Err(ended) = successor.still_runs() {
                return Ok(Err(ended));
            }
            let info = Request::get("/server_info").send(admin);
            let info = info.map_err(|error| error.to_string())?.json();
            match info.pointer("/command_line_options/restart_epoch") {
                Some(now) if *now == epoch => Ok(Ok(())),
                other => Err(format!("{other:?}")),
            }
        })??;
        wait_until_ready(&mut successor, admin)?;
        wait::until("end of the old Envoy", PATIENCE, || {
            match self.process.still_runs() {
                Ok(()) => Err("it runs".to_owned()),
                Err(_) => Ok(()),
            }
        })?;
        self.process = successor;
        self.epoch = epoch;
        Ok(())
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        self.process.kill();
        if let Some(base_id) = self.base_id {
            // Envoy leaves it for a successor, and none comes; it counts base ids by tens.
            for name in ["envoy_shared_memory", "envoy_cookie"] {
                let memory = PathBuf::from(format!("/dev/shm/{name}_{}", base_id * 10));
                let _ = std::fs::remove_file(memory);
            }
        }
    }
}
