//! A plugin's own context: the only one that calls the registry and that has a clock.
//!
//! Requests wait for it, never it for them: a callout that belonged to a request would be lost with
//! its client, and everyone else who waits for it would wait for ever.

use core::fmt;
use std::cell::RefCell;
use std::rc::{Rc, Weak};

use keystile_core::answer::Answer;
use keystile_core::config::InvalidConfig;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{BufferType, ContextType, LogLevel};

use super::abi::HostError;
use super::follower::About;
use super::http::Http;
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

thread_local! {
    /// The VM's plugins by their root contexts, for the callback that does not come by the SDK.
    static PLUGINS: RefCell<Vec<(u32, Weak<Plugin>)>> = const { RefCell::new(Vec::new()) };
}

/// Takes in the answer to a callout; `sizes` are the number of headers and the length of the body.
pub(super) fn on_http_call_response(context_id: u32, token: u32, sizes: (usize, usize)) {
    let Some(plugin) = find_plugin(context_id) else {
        return;
    };
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

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, size: usize) -> bool {
        match self.configure(size) {
            Ok(plugin) => {
                with_plugins(|plugins| plugins.push((self.context_id, Rc::downgrade(&plugin))));
                self.plugin = Some(plugin);
                true
            }
            Err(error) => {
                log(LogLevel::Error, &error.to_string());
                false
            }
        }
    }

    fn on_tick(&mut self) {
        let Some(plugin) = self.plugin.clone() else {
            return;
        };
        if !plugin.has_queue() {
            plugin.register_queue();
        }
        plugin.tick();
    }

    fn on_queue_ready(&mut self, _queue: u32) {
        if let Some(plugin) = self.plugin.clone() {
            plugin.wake_up();
        }
    }

    fn create_http_context(&self, context_id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Http::new(context_id, self.plugin.clone())))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

impl Drop for Root {
    /// The host drops the callouts of a root that goes: another one has to ask again.
    fn drop(&mut self) {
        let Some(plugin) = &self.plugin else {
            return;
        };
        with_plugins(|plugins| plugins.retain(|(root, _)| *root != self.context_id));
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

fn find_plugin(context_id: u32) -> Option<Rc<Plugin>> {
    with_plugins(|plugins| {
        let (_, plugin) = plugins.iter().find(|(root, _)| *root == context_id)?;
        plugin.upgrade()
    })
    .flatten()
}

fn with_plugins<R>(act: impl FnOnce(&mut Vec<(u32, Weak<Plugin>)>) -> R) -> Option<R> {
    PLUGINS.with(|plugins| {
        plugins
            .try_borrow_mut()
            .ok()
            .map(|mut plugins| act(&mut plugins))
    })
}
