//! Root contexts: new configurations, draining, foreign callbacks.

use crate::abi::callback::Callback;
use crate::log::LogLine;
use crate::plugin::StartError;
use crate::vm::instance::Instance;
use crate::vm::{Health, Vm};

impl Vm {
    /// Gives the plugin another configuration, as an update of Envoy's listener does.
    ///
    /// Envoy first tries it on a machine that is thrown away; if that refuses, the old
    /// configuration goes on. Otherwise the same machine gets a second root context, and new
    /// exchanges belong to it. The old one keeps ticking until [`drain`](Self::drain).
    pub fn update_configuration(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), StartError> {
        let bytes = bytes.as_ref();
        self.try_configuration(bytes)?;
        self.take_configuration(bytes)
    }

    /// Tries a configuration on a machine that is thrown away; returns what it logged.
    pub(crate) fn try_configuration(&self, bytes: &[u8]) -> Result<Vec<LogLine>, StartError> {
        let mut settings = self.settings.clone();
        settings.configuration = bytes.to_vec();
        let canary = Instance::start(&self.module, &settings, &self.shared)?;
        Ok(canary.state().logs.clone())
    }

    /// Gives the machine a root context with this configuration.
    pub(crate) fn take_configuration(&mut self, bytes: &[u8]) -> Result<(), StartError> {
        self.settings.configuration = bytes.to_vec();
        self.instance.state_mut().settings = self.settings.clone();
        let started = self.instance.start_plugin();
        if let Err(StartError::Trapped {
            callback, reason, ..
        }) = &started
        {
            self.health = Health::Failed {
                callback,
                reason: reason.clone(),
            };
        }
        started
    }

    /// Ends root contexts of earlier configurations, as Envoy does once its old listener has
    /// drained: `on_done`, and `on_delete` unless the filter asks for time until it calls `done`.
    pub fn drain(&mut self) {
        let current = self.instance.root();
        let roots = self.instance.state().roots.iter();
        let old = roots.filter(|(root, entry)| **root != current && !entry.ending);
        for root in old.map(|(root, _)| *root).collect::<Vec<_>>() {
            self.end_root(root);
        }
    }

    /// Ends the plugin, as Envoy does when it goes down or the filter is removed.
    pub fn shut_down(&mut self) {
        self.drain();
        self.end_root(self.instance.root());
    }

    /// Returns how many root contexts live: one, plus those of earlier configurations.
    pub fn root_contexts(&self) -> usize {
        self.instance.state().roots.len()
    }

    /// Calls `on_foreign_function` of the root context.
    pub fn call_foreign(&mut self, function: u32, arguments: impl Into<Vec<u8>>) {
        let arguments = arguments.into();
        let size = u32::try_from(arguments.len()).unwrap_or(u32::MAX);
        self.instance.state_mut().call_data = arguments;
        let root = self.instance.root();
        self.call(Callback::ForeignFunction, root, &[function, size]);
        self.settle();
    }

    pub(super) fn delete_root(&mut self, root: u32) {
        self.call(Callback::Delete, root, &[]);
        let state = self.instance.state_mut();
        state.roots.remove(&root);
        // Envoy cancels what a context that goes has not had answered.
        state.callouts.retain(|_, pending| pending.root != root);
    }

    fn end_root(&mut self, root: u32) {
        let done = self.call(Callback::Done, root, &[]);
        if done != Some(0) {
            return self.delete_root(root);
        }
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            entry.ending = true;
        }
    }
}
