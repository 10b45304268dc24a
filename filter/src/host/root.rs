//! A plugin's own context: the only one that calls the registry and that has a clock.
//!
//! Requests wait for it, never it for them: a callout that belonged to a request would be lost with
//! its client, and everyone else who waits for it would wait for ever.

use std::rc::Rc;
use std::time::Duration;

use keystile_core::answer::Answer;
use keystile_core::checks::Waiter;
use keystile_core::feed::{Ask, Next};
use keystile_protocol::key::KeyDigest;
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{BufferType, ContextType, LogLevel};

use super::callout::{self, Response};
use super::carry_out::{Outcome, carry_out};
use super::follower::{About, Call, Gate};
use super::http::Http;
use super::plugin::Plugin;
use super::{clock, log};

/// The first tick asks for the first page. It does not happen in `on_configure`, which also runs in
/// a VM that the proxy throws away at once.
const FIRST_TICK: Duration = Duration::from_millis(5);

/// How late a retry or a deadline may be.
const TICK: Duration = Duration::from_millis(100);

/// A plugin's own context.
pub(super) struct Root {
    context_id: u32,
    plugin: Option<Rc<Plugin>>,
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

    /// Does what there is to do; returns who has waited in vain.
    fn take_turn(&self, plugin: &Plugin) -> Vec<Waiter> {
        plugin.take_wake_ups();
        let now = clock::now();
        let next = plugin.follower.with(|state| state.replica.on_turn(now));
        self.advance(plugin, next);
        self.ask_checks(plugin)
    }

    fn advance(&self, plugin: &Plugin, next: Option<Next>) {
        match next {
            Some(Next::Ask(ask)) => self.ask_feed(plugin, &ask),
            Some(Next::Turn) => plugin.wake(),
            Some(Next::Nothing) | None => {}
        }
    }

    fn ask_feed(&self, plugin: &Plugin, ask: &Ask) {
        plugin.metrics.feed_requests.increment();
        if let Ok(token) = callout::ask(&plugin.config.registry, ask) {
            self.await_answer(plugin, token, About::Feed);
        } else {
            let now = clock::now();
            // It pauses then; the next tick asks again.
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
        let call = Call { token, root, about };
        let _ = plugin.follower.with(|state| state.await_answer(call));
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
                self.advance(plugin, next);
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
        let call = plugin.follower.with(|state| state.take_call(token));
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
        match Plugin::configure(&text, self.context_id) {
            Ok(plugin) => {
                self.plugin = Some(Rc::new(plugin));
                set_tick_period(FIRST_TICK);
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
            set_tick_period(TICK);
        }
        let mut waiters = self.take_turn(&plugin);
        let now = clock::now();
        let expired = plugin.follower.with(|state| {
            let status = state.replica.status(now);
            plugin.metrics.show(&status, &plugin.config);
            state.replica.checks.on_tick(now)
        });
        waiters.extend(expired.unwrap_or_default());
        self.release(&plugin, &waiters);
    }

    fn on_queue_ready(&mut self, _queue: u32) {
        if let Some(plugin) = self.plugin.clone() {
            let waiters = self.take_turn(&plugin);
            self.release(&plugin, &waiters);
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
        let now = clock::now();
        let _ = plugin.follower.with(|state| {
            for call in state.take_calls_of(self.context_id) {
                match call.about {
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
        .with(|state| state.replica.on_check(digest, answer, now))
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
