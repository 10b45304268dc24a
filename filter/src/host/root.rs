//! A plugin's own context: the only one that calls the registry and that has a clock.
//!
//! Requests wait for it, never it for them: a callout that belonged to a request would be lost with
//! its client, and everyone else who waits for it would wait for ever.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use keystile_core::answer::Answer;
use keystile_core::checks::Waiter;
use keystile_core::config::Config;
use keystile_core::feed::{Ask, Reader};
use keystile_protocol::key::KeyDigest;
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{BufferType, ContextType, LogLevel};

use super::callout::{self, Response};
use super::carry_out::{Outcome, carry_out};
use super::follower::{About, Call, Follower, Gate};
use super::http::Http;
use super::metrics::Metrics;
use super::{clock, log};

/// The first tick asks for the first page. It does not happen in `on_configure`, which also runs in
/// a VM that the proxy throws away at once.
const FIRST_TICK: Duration = Duration::from_millis(5);

/// How late a retry or a deadline may be.
const TICK: Duration = Duration::from_millis(100);

/// How many wake-ups are taken off the queue at once; more than one is there by mistake only.
const MOST_WAKE_UPS: usize = 16;

/// A plugin's own context.
pub(super) struct Root {
    context_id: u32,
    plugin: Option<Rc<Plugin>>,
}

/// What a plugin's contexts share.
pub(super) struct Plugin {
    /// Its configuration.
    pub(super) config: Rc<Config>,
    /// The registry it follows.
    pub(super) follower: Rc<Follower>,
    /// The VM's metrics.
    pub(super) metrics: Rc<Metrics>,
    /// The root's own queue: what is put there calls it, on this VM, outside of any request.
    queue: Cell<Option<u32>>,
    is_woken: Cell<bool>,
}

// === impl Plugin ===

impl Plugin {
    /// Has the root ask what is to be asked, now rather than with the next tick.
    pub(super) fn wake(&self) {
        if let Some(queue) = self.queue.get()
            && !self.is_woken.get()
        {
            let sent = hostcalls::enqueue_shared_queue(queue, Some(b"check"));
            self.is_woken.set(sent.is_ok());
        }
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

    fn configure(&self, text: &[u8]) -> Option<Plugin> {
        let config = match Config::parse(text) {
            Ok(config) => config,
            Err(error) => {
                log(LogLevel::Error, &error.to_string());
                return None;
            }
        };
        let reader = Reader {
            gateway: node_id(),
            vm: format!("{:x}-{}", clock::nanoseconds(), self.context_id),
        };
        Some(Plugin {
            follower: Follower::of_registry(&config.registry, reader),
            config: Rc::new(config),
            metrics: Metrics::of_vm(),
            queue: Cell::new(None),
            is_woken: Cell::new(false),
        })
    }

    /// One consumer per name is all a queue has, so the name is this root's alone.
    fn register_queue(&self, plugin: &Plugin) {
        if plugin.queue.get().is_none() {
            let name = format!("keystile-{:x}-{}", clock::nanoseconds(), self.context_id);
            plugin
                .queue
                .set(hostcalls::register_shared_queue(&name).ok());
            set_tick_period(TICK);
        }
    }

    fn ask_feed(&self, plugin: &Plugin, ask: &Ask) {
        plugin.metrics.feed_requests.increment();
        if let Ok(token) = callout::ask(&plugin.config.registry, ask) {
            self.await_answer(plugin, token, About::Feed);
        } else {
            let now = clock::now();
            let _ = plugin
                .follower
                .with(|state| state.replica.on_answer(Answer::Unreachable, now));
        }
    }

    /// Asks everything that is to be asked; returns who has waited in vain.
    fn ask_checks(&self, plugin: &Plugin) -> Vec<Waiter> {
        let mut unanswered = Vec::new();
        while let Some(Some(question)) = plugin
            .follower
            .with(|state| state.replica.checks.next_question())
        {
            plugin.metrics.checks.increment();
            match callout::check(&plugin.config.registry, &question) {
                Ok(token) => self.await_answer(plugin, token, About::Key(question.digest)),
                Err(_) => {
                    unanswered.extend(answer_key(plugin, question.digest, Answer::Unreachable));
                }
            }
        }
        unanswered
    }

    fn await_answer(&self, plugin: &Plugin, token: u32, about: About) {
        let root = self.context_id;
        let _ = plugin
            .follower
            .with(|state| state.calls.insert(token, Call { root, about }));
    }

    fn on_response(&self, plugin: &Plugin, about: About, response: &Response) {
        let answer = response.answer();
        if answer == Answer::Unreachable {
            plugin.metrics.unreachable.increment();
        }
        match about {
            About::Feed => {
                let now = clock::now();
                let next = plugin
                    .follower
                    .with(|state| state.replica.on_answer(answer, now));
                if let Some(Some(next)) = next {
                    self.ask_feed(plugin, &next);
                }
            }
            About::Key(digest) => {
                let mut waiters = answer_key(plugin, digest, answer);
                waiters.extend(self.ask_checks(plugin));
                self.release(plugin, &waiters);
            }
        }
    }

    /// Lets requests go on, or answers them, by what is known now.
    fn release(&self, plugin: &Plugin, waiters: &[Waiter]) {
        for waiter in waiters {
            release_one(plugin, waiter.context_id);
        }
        // A callout belongs to the context that is effective when it is sent.
        let _ = hostcalls::set_effective_context(self.context_id);
    }
}

impl Context for Root {
    fn on_http_call_response(
        &mut self,
        token: u32,
        header_count: usize,
        body_size: usize,
        _trailer_count: usize,
    ) {
        let Some(plugin) = self.plugin.clone() else {
            return;
        };
        let call = plugin.follower.with(|state| state.calls.remove(&token));
        if let Some(Some(call)) = call {
            let response = callout::read_response(header_count, body_size);
            self.on_response(&plugin, call.about, &response);
        }
    }
}

impl RootContext for Root {
    fn on_configure(&mut self, size: usize) -> bool {
        let text = hostcalls::get_buffer(BufferType::PluginConfiguration, 0, size);
        let text = text.ok().flatten().unwrap_or_default();
        self.plugin = self.configure(&text).map(Rc::new);
        if self.plugin.is_some() {
            set_tick_period(FIRST_TICK);
        }
        self.plugin.is_some()
    }

    fn on_tick(&mut self) {
        let Some(plugin) = self.plugin.clone() else {
            return;
        };
        self.register_queue(&plugin);
        let now = clock::now();
        if let Some(Some(ask)) = plugin.follower.with(|state| state.replica.on_tick(now)) {
            self.ask_feed(&plugin, &ask);
        }
        let mut waiters = self.ask_checks(&plugin);
        let expired = plugin.follower.with(|state| {
            plugin.metrics.show(&state.replica.status(now));
            state.replica.checks.on_tick(now)
        });
        waiters.extend(expired.unwrap_or_default());
        self.release(&plugin, &waiters);
    }

    fn on_queue_ready(&mut self, queue: u32) {
        let Some(plugin) = self.plugin.clone() else {
            return;
        };
        plugin.is_woken.set(false);
        for _ in 0..MOST_WAKE_UPS {
            if !matches!(hostcalls::dequeue_shared_queue(queue), Ok(Some(_))) {
                break;
            }
        }
        let unanswered = self.ask_checks(&plugin);
        self.release(&plugin, &unanswered);
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
        let now = clock::now();
        let _ = plugin.follower.with(|state| {
            for about in state.take_calls_of(self.context_id) {
                match about {
                    About::Feed => state.replica.on_abandoned(now),
                    About::Key(digest) => state.replica.checks.ask_again(digest),
                }
            }
        });
    }
}

fn answer_key(plugin: &Plugin, digest: KeyDigest, answer: Answer<'_>) -> Vec<Waiter> {
    let now = clock::now();
    plugin
        .follower
        .with(|state| state.replica.checks.on_answer(digest, answer, now))
        .unwrap_or_default()
}

fn release_one(plugin: &Plugin, context_id: u32) {
    let now = clock::now();
    let concluded = plugin.follower.with(|state| {
        let held = state.take(context_id)?;
        let conclusion = held.request.on_check(state.view(&held.config, now));
        Some((conclusion, held.gate))
    });
    let Some(Some((conclusion, gate))) = concluded else {
        return;
    };
    // The client may have left.
    if hostcalls::set_effective_context(context_id).is_err() {
        return;
    }
    match carry_out(&conclusion, &plugin.metrics) {
        Outcome::Admitted => {
            gate.set(Gate::Open);
            // A request that cannot be resumed stays held, which is the safe side.
            let _ = hostcalls::resume_http_request();
        }
        Outcome::Answered => gate.set(Gate::Shut),
    }
}

fn set_tick_period(period: Duration) {
    // The host takes any period; without ticks nothing would be asked and all would be refused.
    let _ = hostcalls::set_tick_period(period);
}

/// Returns the node id of the proxy, as far as it can stand in a query.
fn node_id() -> String {
    let id = hostcalls::get_property(vec!["node", "id"]);
    let id = id.ok().flatten().unwrap_or_default();
    id.into_iter()
        .take(128)
        .filter(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(byte))
        .map(char::from)
        .collect()
}
