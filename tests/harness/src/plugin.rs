//! How a filter is configured, as in Envoy's `PluginConfig`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::exchange::property_path;
use crate::log::Level;
use crate::module::Module;
use crate::shared::Shared;
use crate::vm::Vm;

/// Envoy's default `per_connection_buffer_limit_bytes`.
const BUFFER_LIMIT: usize = 1024 * 1024;
/// The memory a machine may have (cpp-host `PROXY_WASM_HOST_MAX_WASM_MEMORY_SIZE_BYTES`).
const MEMORY_LIMIT: usize = 1024 * 1024 * 1024;

/// A filter's configuration, from which virtual machines are started.
#[derive(Clone, Debug)]
pub struct Plugin {
    module: Module,
    shared: Option<Shared>,
    settings: Settings,
}

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

/// Why a virtual machine did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The module cannot be instantiated.
    #[error("the module does not start: {0}")]
    Instantiate(String),
    /// `on_vm_start` returned false.
    #[error("`on_vm_start` refused{}", logged(.logs))]
    VmStartRefused {
        /// What the filter logged until then.
        logs: Vec<String>,
    },
    /// `on_configure` returned false: Envoy refuses such a configuration.
    #[error("`on_configure` refused{}", logged(.logs))]
    ConfigurationRefused {
        /// What the filter logged until then.
        logs: Vec<String>,
    },
    /// A callback trapped.
    #[error("`{callback}` trapped: {reason}{}", logged(.logs))]
    Trapped {
        /// The export that was called.
        callback: &'static str,
        /// What WebAssembly says about it.
        reason: String,
        /// What the filter logged until then; an SDK logs a panic's message.
        logs: Vec<String>,
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
    clusters: Option<BTreeSet<String>>,
}

/// What pausing at the headers stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadersPause {
    /// Everything: the body is not delivered until the filter resumes.
    Everything,
    /// The headers only (`allow_on_headers_stop_iteration`).
    Headers,
}

// === impl Plugin ===

impl Plugin {
    /// Starts from Envoy's defaults.
    pub fn new(module: &Module) -> Self {
        Self {
            module: module.clone(),
            shared: None,
            settings: Settings::default(),
        }
    }

    /// Sets the plugin configuration the filter reads in `on_configure`.
    #[must_use]
    pub fn configuration(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.settings.configuration = bytes.as_ref().to_vec();
        self
    }

    /// Sets the configuration the filter reads in `on_vm_start`.
    #[must_use]
    pub fn vm_configuration(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.settings.vm_configuration = bytes.as_ref().to_vec();
        self
    }

    /// Sets the plugin's name, the property `plugin_name`.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.settings.name);
        self
    }

    /// Sets the root id, the property `plugin_root_id`.
    #[must_use]
    pub fn root_id(mut self, root_id: &str) -> Self {
        root_id.clone_into(&mut self.settings.root_id);
        self
    }

    /// Sets the id within which shared data and queues are shared.
    #[must_use]
    pub fn vm_id(mut self, vm_id: &str) -> Self {
        vm_id.clone_into(&mut self.settings.vm_id);
        self
    }

    /// Sets an environment variable for builds that read one through WASI.
    #[must_use]
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        let variables = &mut self.settings.environment;
        variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets what `get_property` answers for this path, in bytes as Envoy gives them: numbers
    /// are little-endian, a boolean is one byte.
    #[must_use]
    pub fn property<P>(mut self, path: P, value: impl AsRef<[u8]>) -> Self
    where
        P: IntoIterator,
        P::Item: AsRef<str>,
    {
        let properties = &mut self.settings.properties;
        properties.insert(property_path(path), value.as_ref().to_vec());
        self
    }

    /// Makes this cluster known. Once one is, callouts to any other are refused; until then
    /// every name is a known cluster.
    #[must_use]
    pub fn cluster(mut self, name: &str) -> Self {
        let clusters = self.settings.clusters.get_or_insert_default();
        clusters.insert(name.to_owned());
        self
    }

    /// Lets the body reach the filter while it holds the headers, as Envoy does with
    /// `allow_on_headers_stop_iteration: true`. Without it a filter that waits for the body
    /// waits for ever.
    #[must_use]
    pub fn allow_on_headers_stop_iteration(mut self) -> Self {
        self.settings.headers_pause = HeadersPause::Headers;
        self
    }

    /// Sets what happens once the virtual machine has failed.
    #[must_use]
    pub fn failure_policy(mut self, policy: FailurePolicy) -> Self {
        self.settings.failure_policy = policy;
        self
    }

    /// Sets how many bytes of a body may be held before the proxy answers 413.
    #[must_use]
    pub fn buffer_limit(mut self, bytes: usize) -> Self {
        self.settings.buffer_limit = bytes;
        self
    }

    /// Sets how many bytes of memory the module may have.
    #[must_use]
    pub fn memory_limit(mut self, bytes: usize) -> Self {
        self.settings.memory_limit = bytes;
        self
    }

    /// Sets how much each callback may compute before it traps; a unit is about one WebAssembly
    /// instruction. Takes effect with [`Module::metered`].
    #[must_use]
    pub fn fuel(mut self, units: u64) -> Self {
        self.settings.fuel = units;
        self
    }

    /// Sets the level `get_log_level` answers; every line is captured whatever its level.
    #[must_use]
    pub fn log_level(mut self, level: Level) -> Self {
        self.settings.log_level = level;
        self
    }

    /// Gives the virtual machines the clock, data, queues and metrics of others.
    #[must_use]
    pub fn share(mut self, shared: &Shared) -> Self {
        self.shared = Some(shared.clone());
        self
    }

    /// Starts a virtual machine: instantiates the module, creates the root context and calls
    /// `on_vm_start` and `on_configure`.
    ///
    /// Callouts made meanwhile wait for [`Vm::settle`], so that a test can first say how they
    /// are answered.
    pub fn start(&self) -> Result<Vm, StartError> {
        let shared = self.shared.clone().unwrap_or_default();
        Vm::start(&self.module, &self.settings, shared)
    }
}

// === impl Settings ===

impl Settings {
    pub(crate) fn knows_cluster(&self, name: &str) -> bool {
        let clusters = self.clusters.as_ref();
        clusters.is_none_or(|clusters| clusters.contains(name))
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
            clusters: None,
        }
    }
}

fn logged(logs: &[String]) -> String {
    if logs.is_empty() {
        return String::new();
    }
    format!("; it logged `{}`", logs.join("`, `"))
}
