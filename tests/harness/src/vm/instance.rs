//! One instance of the module and the way into it.

use std::collections::BTreeMap;

use wasmtime::{Func, Store, Val};

use crate::abi::callback::Callback;
use crate::module::Module;
use crate::plugin::{Settings, StartError};
use crate::shared::Shared;
use crate::state::{Guest, Root, State};

/// A module's instance with its state.
pub(crate) struct Instance {
    store: Store<State>,
    wasm: wasmtime::Instance,
    callbacks: BTreeMap<Callback, Func>,
    root: u32,
    fuel: Option<u64>,
}

/// A callback trapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trapped {
    pub(crate) callback: &'static str,
    pub(crate) reason: String,
}

// === impl Instance ===

impl Instance {
    /// Instantiates the module and starts the plugin in it.
    pub(crate) fn start(
        module: &Module,
        settings: &Settings,
        shared: &Shared,
    ) -> Result<Self, StartError> {
        let mut instance = Self::instantiate(module, settings, shared)
            .map_err(|error| StartError::Instantiate(format!("{error:#}")))?;
        let started = instance.initialize();
        started.map_err(|trapped| instance.start_error(trapped))?;
        instance.start_plugin()?;
        Ok(instance)
    }

    pub(crate) fn state(&self) -> &State {
        self.store.data()
    }

    pub(crate) fn state_mut(&mut self) -> &mut State {
        self.store.data_mut()
    }

    pub(crate) fn root(&self) -> u32 {
        self.root
    }

    pub(crate) fn memory_size(&self) -> usize {
        let guest = self.store.data().guest.as_ref();
        guest.map_or(0, |guest| guest.memory.data_size(&self.store))
    }

    pub(crate) fn skip_callback(&mut self, export: &str) {
        self.callbacks
            .retain(|callback, _| callback.export() != export);
    }

    /// Calls a callback for a context; `None` if the module does not export it.
    ///
    /// There is no effective context at first, whatever an earlier callback set (cpp-host
    /// `SaveRestoreContext`).
    pub(crate) fn call(
        &mut self,
        callback: Callback,
        context: u32,
        arguments: &[u32],
    ) -> Result<Option<u32>, Trapped> {
        let Some(&function) = self.callbacks.get(&callback) else {
            return Ok(None);
        };
        let state = self.state_mut();
        let outer = (state.current, state.effective);
        (state.current, state.effective) = (context, 0);
        let arguments: Vec<Val> = std::iter::once(context)
            .chain(arguments.iter().copied())
            .map(|number| Val::I32(number.cast_signed()))
            .collect();
        let result = self.enter(callback.export(), function, &arguments);
        let state = self.state_mut();
        (state.current, state.effective) = outer;
        result.map(Some)
    }

    fn instantiate(
        module: &Module,
        settings: &Settings,
        shared: &Shared,
    ) -> wasmtime::Result<Self> {
        let state = State::new(settings.clone(), shared.clone());
        let mut store = Store::new(module.engine(), state);
        store.limiter(|state| &mut state.limits);
        let fuel = module.is_metered().then_some(settings.fuel);
        if let Some(fuel) = fuel {
            store.set_fuel(fuel)?;
        }
        let instance = module.instance().instantiate(&mut store)?;
        store.data_mut().guest = Some(find_guest(&mut store, instance)?);
        let callbacks = find_callbacks(&mut store, instance);
        Ok(Self {
            store,
            wasm: instance,
            callbacks,
            root: 0,
            fuel,
        })
    }

    /// Runs the initialiser, then `main` if there is one, in cpp-host's order.
    fn initialize(&mut self) -> Result<(), Trapped> {
        if self.run_export("_initialize", &[])? {
            let main = self.run_export("main", &[Val::I32(0), Val::I32(0)])?;
            if !main {
                self.run_export("__main_void", &[])?;
            }
        } else {
            self.run_export("_start", &[])?;
        }
        Ok(())
    }

    fn run_export(&mut self, name: &'static str, arguments: &[Val]) -> Result<bool, Trapped> {
        let Some(function) = self.wasm.get_func(&mut self.store, name) else {
            return Ok(false);
        };
        self.enter(name, function, arguments).map(|_| true)
    }

    /// Creates a root context with the current configuration.
    pub(crate) fn start_plugin(&mut self) -> Result<(), StartError> {
        let state = self.state_mut();
        let root = state.allocate_context();
        state.roots.insert(root, Root::default());
        self.root = root;
        self.call_at_start(Callback::ContextCreate, 0)?;
        let size = self.state().settings.vm_configuration.len();
        if !self.call_at_start(Callback::VmStart, length(size))? {
            let logs = self.log_texts();
            return Err(StartError::VmStartRefused { logs });
        }
        let configuration = self.state().settings.configuration.clone();
        let size = length(configuration.len());
        self.state_mut().configuring = Some(configuration);
        let accepted = self.call_at_start(Callback::Configure, size)?;
        self.state_mut().configuring = None;
        if accepted {
            Ok(())
        } else {
            let logs = self.log_texts();
            Err(StartError::ConfigurationRefused { logs })
        }
    }

    /// Returns whether the filter accepts; an absent callback does.
    fn call_at_start(&mut self, callback: Callback, argument: u32) -> Result<bool, StartError> {
        let answer = self.call(callback, self.root, &[argument]);
        // Nothing can be paused yet, so what was deferred has no object.
        self.state_mut().deferred.clear();
        self.state_mut().stop_iteration = false;
        match answer {
            Ok(answer) => Ok(callback == Callback::ContextCreate || answer != Some(0)),
            Err(trapped) => Err(self.start_error(trapped)),
        }
    }

    fn start_error(&self, trapped: Trapped) -> StartError {
        StartError::Trapped {
            callback: trapped.callback,
            reason: trapped.reason,
            logs: self.log_texts(),
        }
    }

    fn log_texts(&self) -> Vec<String> {
        let logs = self.state().logs.iter();
        logs.map(|line| line.text.clone()).collect()
    }

    fn enter(
        &mut self,
        callback: &'static str,
        function: Func,
        arguments: &[Val],
    ) -> Result<u32, Trapped> {
        let trapped = |reason: String| Trapped { callback, reason };
        if let Some(fuel) = self.fuel {
            let refuelled = self.store.set_fuel(fuel);
            refuelled.map_err(|error| trapped(format!("{error:#}")))?;
        }
        let count = function.ty(&self.store).results().len();
        let mut results = vec![Val::I32(0); count];
        let called = function.call(&mut self.store, arguments, &mut results);
        called.map_err(|error| trapped(format!("{:#}", error.root_cause())))?;
        if let Some(reason) = self.state_mut().broken.take() {
            return Err(trapped(reason));
        }
        Ok(results
            .first()
            .and_then(Val::i32)
            .map_or(0, i32::cast_unsigned))
    }
}

fn find_guest(store: &mut Store<State>, instance: wasmtime::Instance) -> wasmtime::Result<Guest> {
    let memory = instance
        .get_memory(&mut *store, "memory")
        .ok_or_else(|| wasmtime::Error::msg("the module exports no memory"))?;
    let allocate = instance
        .get_typed_func(&mut *store, "malloc")
        .or_else(|_| instance.get_typed_func(&mut *store, "proxy_on_memory_allocate"))?;
    Ok(Guest { memory, allocate })
}

fn find_callbacks(
    store: &mut Store<State>,
    instance: wasmtime::Instance,
) -> BTreeMap<Callback, Func> {
    let settings = store.data().settings.clone();
    let all = Callback::ALL.iter();
    let allowed = all.filter(|callback| settings.allows(callback.export()));
    let found = allowed.filter_map(|&callback| {
        let function = instance.get_func(&mut *store, callback.export())?;
        Some((callback, function))
    });
    found.collect()
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
