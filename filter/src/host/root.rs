//! A plugin's own context: the only one that calls the registry and that has a clock.
//!
//! Requests wait for it, never it for them: a callout that belonged to a request would be lost with
//! its client, and everyone else who waits for it would wait for ever.

use core::fmt;
use std::rc::Rc;

use keystile_core::answer::Answer;
use keystile_core::config::InvalidConfig;
use proxy_wasm::types::{BufferType, LogLevel};

use super::abi::HostError;
use super::follower::About;
use super::plugin::{Pace, Plugin};
use super::{abi, callout, clock, log};

/// A plugin's own context.
pub(super) struct Root {
    context_id: u32,
    plugin: Option<Rc<Plugin>>,
}

/// A plugin cannot work.
enum ConfigureError {
    /// Not with this configuration.
    Config(InvalidConfig),
    /// Not in this proxy, now.
    Host,
}

/// Does what is due.
pub(super) fn on_tick(plugin: &Plugin) {
    if !plugin.has_queue() {
        plugin.register_queue();
    }
    plugin.tick();
}

/// Takes in the answer to a callout; `sizes` are the number of headers and the length of the body.
pub(super) fn on_http_call_response(plugin: &Plugin, token: u32, sizes: (usize, usize)) {
    let call = plugin.follower.with(|state| state.take_call(token));
    if let Some(Some(call)) = call {
        let response = callout::read_response(sizes.0, sizes.1);
        plugin.take_in(call.about, &response);
    }
}

// === impl Root ===

impl Root {
    /// Returns a plugin without a configuration.
    pub(super) fn new(context_id: u32) -> Self {
        Self {
            context_id,
            plugin: None,
        }
    }

    /// Whether it is this context.
    pub(super) fn is(&self, context_id: u32) -> bool {
        self.context_id == context_id
    }

    /// Returns what its requests share, once it is configured.
    pub(super) fn plugin(&self) -> Option<Rc<Plugin>> {
        self.plugin.clone()
    }

    /// Takes in a configuration of so many bytes; returns whether the plugin can work with it.
    pub(super) fn on_configure(&mut self, size: usize) -> bool {
        match self.configure(size) {
            Ok(plugin) => {
                self.plugin = Some(plugin);
                true
            }
            Err(error) => {
                log(LogLevel::Error, &error.to_string());
                false
            }
        }
    }

    fn configure(&self, size: usize) -> Result<Rc<Plugin>, ConfigureError> {
        let text = match abi::buffer(BufferType::PluginConfiguration, size) {
            Ok(text) => text,
            Err(HostError::Absent) => Vec::new(),
            Err(_) => return Err(ConfigureError::Host),
        };
        let plugin = Plugin::configure(&text, self.context_id).map_err(ConfigureError::Config)?;
        // Without ticks nothing would be asked and everything refused: better to say so at once.
        plugin.keep(Pace::First).map_err(|_| ConfigureError::Host)?;
        Ok(Rc::new(plugin))
    }
}

impl Drop for Root {
    /// The host drops the callouts of a root that goes: another one has to ask again.
    fn drop(&mut self) {
        let Some(plugin) = &self.plugin else {
            return;
        };
        let now = clock::now_or_latest();
        let _ = plugin.follower.with(|state| {
            for call in state.take_calls_of(self.context_id) {
                match call.about {
                    About::Feed => state.replica.on_abandoned(now),
                    About::Key(digest) => state.replica.checks.ask_again(digest),
                    About::Usage => {
                        let interval_ms = plugin.config.report_ms();
                        state.usage.on_answer(Answer::Unreachable, interval_ms);
                    }
                }
            }
        });
    }
}

// === impl ConfigureError ===

impl fmt::Display for ConfigureError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(formatter),
            Self::Host => formatter.write_str("the proxy refuses the configuration or ticks"),
        }
    }
}
