//! How a filter is configured, as in Envoy's `PluginConfig`.

mod error;
mod settings;

use crate::abi::call::HostCall;
use crate::abi::status::Status;
use crate::exchange::property_path;
use crate::foreign::ForeignFunction;
use crate::log::Level;
use crate::module::Module;
use crate::proxy::Proxy;
use crate::shared::Shared;
use crate::vm::Vm;

pub use error::StartError;
pub use settings::FailurePolicy;
pub(crate) use settings::{HeadersPause, Recording, Settings};

/// A filter's configuration, from which virtual machines are started.
#[derive(Clone, Debug)]
pub struct Plugin {
    module: Module,
    shared: Option<Shared>,
    settings: Settings,
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

    /// Allows these host calls and callbacks only, by the names they are imported and exported
    /// under, as Envoy's `capability_restriction_config` does; without any, all are allowed.
    ///
    /// A call that is not allowed returns [`Status::InternalFailure`], a callback that is not
    /// allowed is not called.
    #[must_use]
    pub fn allow_only<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let names = names.into_iter().map(|name| name.as_ref().to_owned());
        self.settings.allowed = names.collect();
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

    /// Adds a foreign function. `clear_route_cache`, `set_envoy_filter_state`, `declare_property`,
    /// `compress` and `uncompress` are there already; any other name is not found.
    #[must_use]
    pub fn foreign_function(
        mut self,
        name: &str,
        function: impl Fn(&[u8]) -> Result<Vec<u8>, Status> + Send + Sync + 'static,
    ) -> Self {
        let functions = &mut self.settings.foreign_functions;
        functions.insert(name.to_owned(), ForeignFunction::new(function));
        self
    }

    /// Records every host call for [`Vm::recorded_calls`].
    #[must_use]
    pub fn record_host_calls(mut self) -> Self {
        self.settings.recording = Recording::On;
        self
    }

    /// Makes every call of this kind fail from the start, without doing anything, until
    /// [`Vm::clear_faults`].
    #[must_use]
    pub fn fault(mut self, call: HostCall, status: Status) -> Self {
        self.settings.faults.push((call, status));
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

    /// Starts a whole proxy: first a canary that is thrown away, as Envoy does, then a machine
    /// for the main thread and one for each worker, all over one store.
    pub fn start_proxy(&self, workers: usize) -> Result<Proxy, StartError> {
        let shared = self.shared.clone().unwrap_or_default();
        let start = || Vm::start(&self.module, &self.settings, shared.clone());
        Proxy::start(workers, shared.clone(), start)
    }
}
