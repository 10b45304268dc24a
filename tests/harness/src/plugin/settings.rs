//! What a virtual machine is told at its start and keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::abi::call::HostCall;
use crate::abi::status::Status;
use crate::foreign::ForeignFunction;
use crate::log::Level;

/// Envoy's default `per_connection_buffer_limit_bytes`.
const BUFFER_LIMIT: usize = 1024 * 1024;
/// The memory a machine may have (cpp-host `PROXY_WASM_HOST_MAX_WASM_MEMORY_SIZE_BYTES`).
const MEMORY_LIMIT: usize = 1024 * 1024 * 1024;

/// What Envoy does once a virtual machine has failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailurePolicy {
    /// Every request gets a 503 from then on. Envoy's default.
    #[default]
    Closed,
    /// Every request passes as if there were no filter.
    Open,
    /// A request after the back-off starts a fresh virtual machine; 503 until then.
    Reload {
        /// The least time between two starts; Envoy's default is a second.
        backoff: Duration,
    },
}

/// The settings a machine keeps.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) root_id: String,
    pub(crate) vm_id: String,
    pub(crate) configuration: Vec<u8>,
    pub(crate) vm_configuration: Vec<u8>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) properties: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) headers_pause: HeadersPause,
    pub(crate) failure_policy: FailurePolicy,
    pub(crate) buffer_limit: usize,
    pub(crate) memory_limit: usize,
    pub(crate) fuel: u64,
    pub(crate) log_level: Level,
    pub(crate) recording: Recording,
    pub(crate) faults: Vec<(HostCall, Status)>,
    pub(crate) foreign_functions: BTreeMap<String, ForeignFunction>,
    pub(super) allowed: BTreeSet<String>,
    pub(super) clusters: Option<BTreeSet<String>>,
}

/// Whether host calls are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recording {
    On,
    Off,
}

/// What pausing at the headers stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadersPause {
    /// Everything: the body is not delivered until the filter resumes.
    Everything,
    /// The headers only (`allow_on_headers_stop_iteration`).
    Headers,
}

// === impl Settings ===

impl Settings {
    pub(crate) fn knows_cluster(&self, name: &str) -> bool {
        let clusters = self.clusters.as_ref();
        clusters.is_none_or(|clusters| clusters.contains(name))
    }

    /// Returns whether the module may call or export this (cpp-host `capabilityAllowed`).
    pub(crate) fn allows(&self, name: &str) -> bool {
        self.allowed.is_empty() || self.allowed.contains(name)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "filter".to_owned(),
            root_id: String::new(),
            vm_id: "vm".to_owned(),
            configuration: Vec::new(),
            vm_configuration: Vec::new(),
            environment: BTreeMap::new(),
            properties: BTreeMap::new(),
            headers_pause: HeadersPause::Everything,
            failure_policy: FailurePolicy::Closed,
            buffer_limit: BUFFER_LIMIT,
            memory_limit: MEMORY_LIMIT,
            fuel: u64::MAX,
            log_level: Level::Trace,
            recording: Recording::Off,
            faults: Vec::new(),
            foreign_functions: BTreeMap::new(),
            allowed: BTreeSet::new(),
            clusters: None,
        }
    }
}
