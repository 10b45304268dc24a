//! What a plugin's root does when it is its turn: it asks the registry, takes in what comes back,
//! and lets go of the requests that waited for it.

use std::cell::Cell;
use std::rc::Rc;

use keystile_core::answer::Answer;
use keystile_core::checks::{Waiter, believable_response};
use keystile_core::clock::Timestamp;
use keystile_core::config::Config;
use keystile_core::exchange::Conclusion;
use keystile_core::feed::{Ask, Next};
use keystile_protocol::key::KeyDigest;
use keystile_protocol::usage::Report;

use super::callout::{self, Response};
use super::carry_out::{Outcome, carry_out};
use super::follower::{About, Call, Gate, Held, State};
use super::plugin::{Pace, Plugin};
use super::{abi, clock};

/// How many requests are let go of at once. The host carries that out when the callback ends, each
/// within the one before: a request that ends there and then calls this VM, and the end of that call
/// carries out the next. With 300 V8's stack overflows, and the VM with all its table is gone.
const MOST_RELEASED: usize = 16;

/// How late what is shown and what waits may be noticed while ticks come for a page.
const LOOK_MS: u64 = 100;

// === impl Plugin ===

impl Plugin {
    /// Does what requests have woken the root for.
    pub(super) fn wake_up(&self) {
        self.take_wake_ups();
        let waiters = self.ask_checks();
        self.release(&waiters);
    }

    /// Does a little of what there is to do. From time to time it also shows how the replica is
    /// doing, and ends waits that have lasted too long.
    pub(super) fn tick(&self) {
        let now = clock::now_or_latest();
        let is_look_due = !self.is_hurried() || now.is_past(self.looked_at.get(), LOOK_MS);
        let next = self.follower.with(|state| state.replica.on_turn(now));
        self.advance(next);
        self.take_wake_ups();
        let mut waiters = self.ask_checks();
        if is_look_due {
            self.looked_at.set(now);
            waiters.extend(self.look(now));
        }
        self.release(&waiters);
    }

    fn look(&self, now: Timestamp) -> Vec<Waiter> {
        let noticed = self.follower.with(|state| {
            let status = state.replica.status(now);
            self.metrics.show(&status, &self.config);
            let report = state.usage.on_turn(&status, &self.config.body, now);
            (state.replica.checks.on_tick(now), report)
        });
        let (expired, report) = noticed.unzip();
        self.send_report(report.flatten());
        expired.unwrap_or_default()
    }

    fn send_report(&self, report: Option<Report>) {
        let Some(report) = report else {
            return;
        };
        match callout::report(&self.config.registry, &report) {
            Ok(token) => self.await_answer(token, About::Usage),
            Err(_) => self.lose_report(),
        }
    }

    /// Takes note that a report did not arrive: it is sent again.
    fn lose_report(&self) {
        let interval_ms = self.config.report_ms();
        let _ = self
            .follower
            .with(|state| state.usage.on_answer(Answer::Unreachable, interval_ms));
    }

    /// Takes in what came back for a callout.
    pub(super) fn take_in(&self, about: About, response: &Response) {
        let answer = response.answer();
        // What carries the registry's mark and cannot be read is no answer of it either.
        let is_believed = match about {
            About::Feed => self.take_in_page(answer),
            About::Usage => {
                let interval_ms = self.config.report_ms();
                let _ = self
                    .follower
                    .with(|state| state.usage.on_answer(answer, interval_ms));
                answer != Answer::Unreachable
            }
            About::Key(digest) => {
                let mut waiters = self.answer_key(digest, answer);
                waiters.extend(self.ask_checks());
                self.release(&waiters);
                believable_response(&digest, answer).is_some()
            }
        };
        if !is_believed {
            self.metrics.unreachable.increment();
        }
    }

    /// Takes in what the feed answered; returns whether it was to be believed.
    fn take_in_page(&self, answer: Answer<'_>) -> bool {
        let now = clock::now_or_latest();
        let taken = self.follower.with(|state| {
            let next = state.replica.on_answer(answer, now);
            (next, state.replica.is_in_contact())
        });
        let (next, is_believed) = taken.unzip();
        self.advance(next);
        is_believed == Some(true)
    }

    fn advance(&self, next: Option<Next>) {
        let pace = match next {
            Some(Next::Turn) => Pace::Hurried,
            _ => Pace::Usual,
        };
        // If it is refused, ticks go on coming as they did.
        let _ = self.keep(pace);
        if let Some(Next::Ask(ask)) = next {
            self.ask_feed(&ask);
        }
    }

    fn ask_feed(&self, ask: &Ask) {
        self.metrics.feed_requests.increment();
        if let Ok(token) = callout::ask(&self.config.registry, ask) {
            self.await_answer(token, About::Feed);
        } else {
            let now = clock::now_or_latest();
            // It pauses then; the next tick asks again.
            let _ = self
                .follower
                .with(|state| state.replica.on_answer(Answer::Unreachable, now));
        }
    }

    fn ask_checks(&self) -> Vec<Waiter> {
        let mut unanswered = Vec::new();
        while let Some(Some(question)) = self
            .follower
            .with(|state| state.replica.checks.next_question())
        {
            self.metrics.checks.increment();
            match callout::check(&self.config.registry, &question) {
                Ok(token) => self.await_answer(token, About::Key(question.digest)),
                Err(_) => unanswered.extend(self.answer_key(question.digest, Answer::Unreachable)),
            }
        }
        unanswered
    }

    fn await_answer(&self, token: u32, about: About) {
        let root = self.root;
        let call = Call { token, root, about };
        let _ = self.follower.with(|state| state.await_answer(call));
    }

    fn answer_key(&self, digest: KeyDigest, answer: Answer<'_>) -> Vec<Waiter> {
        let now = clock::now_or_latest();
        self.follower
            .with(|state| state.replica.on_check(digest, answer, now))
            .unwrap_or_default()
    }

    /// Lets requests go on, or answers them, by what is known now; with many of them, in turns.
    fn release(&self, waiters: &[Waiter]) {
        let due = self
            .follower
            .with(|state| state.take_due(waiters, MOST_RELEASED));
        for context_id in due.unwrap_or_default() {
            self.release_one(context_id);
        }
        if self.follower.with(|state| state.has_due()) == Some(true) {
            self.wake();
        }
        // A callout belongs to the context that is effective when it is sent; none is sent after
        // this in the same callback, in case it is refused.
        let _ = abi::set_effective_context(self.root);
    }

    fn release_one(&self, context_id: u32) {
        let concluded = self.follower.with(|state| {
            let held = state.take(context_id)?;
            Some(conclude(state, held))
        });
        let Some(Some((conclusion, config, gate))) = concluded else {
            return;
        };
        // The client may have left.
        if abi::set_effective_context(context_id).is_err() {
            return;
        }
        match carry_out(&conclusion, &config, &self.metrics) {
            Outcome::Admitted(used) => {
                gate.set(Gate::Open(used));
                // A request that cannot be resumed stays held, which is the safe side.
                let _ = abi::resume_request();
            }
            Outcome::Answered(used) => gate.set(Gate::Shut(used)),
        }
    }
}

fn conclude(state: &State, held: Held) -> (Conclusion, Rc<Config>, Rc<Cell<Gate>>) {
    let Held {
        request,
        config,
        gate,
    } = held;
    let conclusion = match clock::now() {
        Some(now) => request.on_check(state.view(&config, now)),
        None => request.give_up(),
    };
    (conclusion, config, gate)
}
