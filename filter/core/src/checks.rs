//! Asks the registry about single keys while the table does not say: each key once, however many
//! requests carry it.

use std::collections::VecDeque;

use keystile_protocol::check::{CheckRequest, CheckResponse, Outcome};
use keystile_protocol::key::KeyDigest;
use keystile_protocol::wire;

use crate::answer::Answer;
use crate::clock::Timestamp;

/// How many keys may be asked about at once: a flood of made-up keys must not become one of
/// callouts.
const MOST_ASKED: usize = 64;

/// How many keys may wait for an answer, and how many answers are kept.
const MOST_QUESTIONS: usize = 1024;

/// How long an answer is believed that no table took in: the promise for revocations, since no
/// removal reaches it.
const TTL_MS: u64 = 1_000;

/// The keys asked about, who waits for them, and the latest answers: few enough to look through.
#[derive(Debug, Default)]
pub struct Checks {
    questions: Vec<Question>,
    asked: usize,
    answers: VecDeque<Fact>,
}

/// A request that waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiter {
    /// The host's id of the request.
    pub context_id: u32,
    /// When it began to wait.
    pub since: Timestamp,
    /// How long it may, in milliseconds.
    pub patience_ms: u32,
}

/// How a waiter was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Queued {
    /// The registry has to be asked.
    New,
    /// The registry is being asked already.
    Coalesced,
    /// Too many keys wait for an answer.
    Crowded,
}

#[derive(Debug)]
struct Question {
    digest: KeyDigest,
    service: String,
    stage: Stage,
    waiters: Vec<Waiter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Wanted,
    Asked,
}

#[derive(Debug)]
struct Fact {
    digest: KeyDigest,
    at: Timestamp,
    outcome: Outcome,
}

// === impl Checks ===

impl Checks {
    /// Lets a request wait for what the registry knows of a key sent to a service.
    pub fn wait(&mut self, digest: KeyDigest, service: &str, waiter: Waiter) -> Queued {
        if let Some(question) = self.find(&digest) {
            question.waiters.push(waiter);
            return Queued::Coalesced;
        }
        if self.questions.len() >= MOST_QUESTIONS {
            return Queued::Crowded;
        }
        self.questions.push(Question {
            digest,
            service: service.to_owned(),
            stage: Stage::Wanted,
            waiters: vec![waiter],
        });
        Queued::New
    }

    /// Returns the next question to ask, which then is asked.
    pub fn next_question(&mut self) -> Option<CheckRequest> {
        if self.asked >= MOST_ASKED {
            return None;
        }
        let mut questions = self.questions.iter_mut();
        let question = questions.find(|question| question.stage == Stage::Wanted)?;
        question.stage = Stage::Asked;
        self.asked += 1;
        Some(CheckRequest {
            service: question.service.clone(),
            digest: question.digest,
        })
    }

    /// Takes note that a key has been asked about; returns the requests that waited for it.
    pub fn end(&mut self, digest: KeyDigest) -> Vec<Waiter> {
        let Some(index) = self.position(&digest) else {
            return Vec::new();
        };
        let question = self.questions.remove(index);
        if question.stage == Stage::Asked {
            self.asked = self.asked.saturating_sub(1);
        }
        question.waiters
    }

    /// Keeps an answer for a moment.
    pub fn keep(&mut self, digest: KeyDigest, outcome: Outcome, now: Timestamp) {
        if self.answers.len() >= MOST_QUESTIONS {
            self.answers.pop_front();
        }
        self.answers.push_back(Fact {
            digest,
            at: now,
            outcome,
        });
    }

    /// Takes note that whoever asked about a key is gone, and the answer with it.
    pub fn ask_again(&mut self, digest: KeyDigest) {
        if let Some(question) = self.find(&digest)
            && question.stage == Stage::Asked
        {
            question.stage = Stage::Wanted;
            self.asked = self.asked.saturating_sub(1);
        }
    }

    /// Takes note of the time; returns the requests that have waited for too long.
    pub fn on_tick(&mut self, now: Timestamp) -> Vec<Waiter> {
        self.answers.retain(|fact| !now.is_past(fact.at, TTL_MS));
        let mut expired = Vec::new();
        for question in &mut self.questions {
            question.waiters.retain(|waiter| {
                let is_expired = now.is_past(waiter.since, u64::from(waiter.patience_ms));
                if is_expired {
                    expired.push(*waiter);
                }
                !is_expired
            });
        }
        self.questions.retain(|question| !question.is_idle());
        expired
    }

    /// Lets a request go that does not wait any more.
    pub fn leave(&mut self, digest: &KeyDigest, context_id: u32) {
        if let Some(question) = self.find(digest) {
            question
                .waiters
                .retain(|waiter| waiter.context_id != context_id);
        }
        self.questions.retain(|question| !question.is_idle());
    }

    /// Returns what the registry said about a key a moment ago.
    pub fn recent(&self, digest: &KeyDigest, now: Timestamp) -> Option<&Outcome> {
        // The latest first: a key may have been asked about twice.
        let mut facts = self.answers.iter().rev();
        let fact = facts.find(|fact| fact.digest == *digest)?;
        (!now.is_past(fact.at, TTL_MS)).then_some(&fact.outcome)
    }

    fn find(&mut self, digest: &KeyDigest) -> Option<&mut Question> {
        let mut questions = self.questions.iter_mut();
        questions.find(|question| question.digest == *digest)
    }

    fn position(&self, digest: &KeyDigest) -> Option<usize> {
        let mut questions = self.questions.iter();
        questions.position(|question| question.digest == *digest)
    }
}

// === impl Question ===

impl Question {
    /// Whether it need not be asked: nobody waits for it. One that is being asked is not idle, so
    /// that the key is not asked about twice.
    fn is_idle(&self) -> bool {
        self.stage == Stage::Wanted && self.waiters.is_empty()
    }
}

/// Parses what came back for a key and returns it if it is to be believed.
///
/// Threat: the answers to two questions swapped on the way. The registry repeats the digest.
pub fn believable_response(digest: &KeyDigest, answer: Answer<'_>) -> Option<CheckResponse> {
    let Answer::Registry(bytes) = answer else {
        return None;
    };
    let response: CheckResponse = wire::decode(bytes).ok()?;
    let is_about_it = match &response.outcome {
        Outcome::Found {
            credential,
            application,
        } => credential.digest == *digest && credential.application == application.id,
        Outcome::Unknown => true,
    };
    (response.digest == *digest && is_about_it).then_some(response)
}

#[cfg(test)]
mod tests;
