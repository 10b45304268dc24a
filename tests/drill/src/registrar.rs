//! Changes the registry all the time: keys come and go, registrations are approved and revoked.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use keystile_registry::clock::Clock;
use keystile_registry::domain::timestamp::Timestamp;
use serde_json::{Value, json};
use stage::api::Answer;
use stage::error::StageError;

use crate::chance;
use crate::population::{APPLICATIONS, Population, SERVICES};
use crate::truth::{Fact, Timeline};

/// How long it rests between two changes, in milliseconds.
const REST_MS: Range<u64> = 40..160;

/// How long until it asks again what was not answered.
const AGAIN: Duration = Duration::from_millis(50);

/// How many keys there are at a time.
const HELD: Range<usize> = 6..16;

/// In how many milliseconds a short-lived key ends.
const SHORT_LIFE_MS: Range<i64> = 1_500..6_000;

/// What a clock that is stepped by an hour goes past.
const HALF_AN_HOUR_MS: i64 = 1_800_000;

/// Makes changes until it is told to stop.
#[derive(Debug)]
pub(crate) struct Registrar<'a> {
    population: &'a Population,
    is_over: &'a AtomicBool,
    done: AtomicUsize,
    refusals: Mutex<Vec<String>>,
}

/// A key that is held, and its credential.
#[derive(Debug, Clone)]
struct Held {
    key: usize,
    application: usize,
    credential: String,
}

// === impl Registrar ===

impl<'a> Registrar<'a> {
    /// Has done nothing yet.
    pub(crate) fn new(population: &'a Population, is_over: &'a AtomicBool) -> Self {
        Self {
            population,
            is_over,
            done: AtomicUsize::new(0),
            refusals: Mutex::default(),
        }
    }

    /// Returns how many changes were acknowledged.
    pub(crate) fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// Returns what the registry refused to do, which it should not.
    pub(crate) fn take_refusals(&self) -> Vec<String> {
        std::mem::take(&mut *self.refusals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives each application keys that last: one for good, and one that ends in half an hour.
    pub(crate) fn settle_in(&self, chance: &mut fastrand::Rng) -> usize {
        for application in 0..APPLICATIONS {
            self.add(&chance::key(chance), application, None);
            let ends = Clock::System.now().plus_ms(HALF_AN_HOUR_MS);
            self.add(&chance::key(chance), application, Some(ends));
        }
        2 * APPLICATIONS
    }

    /// Changes something, again and again.
    pub(crate) fn work(&self, mut chance: fastrand::Rng) {
        let mut held: Vec<Held> = Vec::new();
        while !self.is_over.load(Ordering::Relaxed) {
            match chance.u8(..3) {
                0 => self.decide(&mut chance),
                1 if held.len() > HELD.start => {
                    let one = held.swap_remove(chance.usize(..held.len()));
                    self.delete(&one);
                }
                _ if held.len() < HELD.end => held.extend(self.add_any(&mut chance)),
                _ => {}
            }
            thread::sleep(Duration::from_millis(chance.u64(REST_MS)));
        }
    }

    fn add_any(&self, chance: &mut fastrand::Rng) -> Option<Held> {
        let application = chance.usize(..APPLICATIONS);
        let life = (chance.u8(..3) == 0).then(|| chance.i64(SHORT_LIFE_MS));
        let ends = life.map(|life| Clock::System.now().plus_ms(life));
        self.add(&chance::key(chance), application, ends)
    }

    fn add(&self, key: &str, application: usize, ends: Option<Timestamp>) -> Option<Held> {
        let owner = self.population.applications.get(application)?;
        let path = format!("/admin/v1/applications/{}/credentials", owner.id);
        let number = self.population.make_up(key.to_owned(), application, ends);
        let body = json!({
            "key": key,
            "display_name": name_of(number),
            "expires_at": ends.map(|ends| ends.to_string()),
        });
        let fact = Fact::Key(number);
        self.note(fact, |is_held| is_held.ask(true, Instant::now()));
        let caller = self.population.admin.caller();
        let answer = self.insist(|| caller.post(&path, &body))?;
        // 409: the first answer was lost on its way, and the key is there.
        self.settle(fact, &answer, &[201, 409]);
        let credential = match answer.call.status {
            201 => answer.parse("/id").ok(),
            _ => self.find(&path, number),
        };
        Some(Held {
            key: number,
            application,
            credential: credential?,
        })
    }

    /// Finds the credential of a key whose making was not answered.
    fn find(&self, path: &str, number: usize) -> Option<String> {
        let path = format!("{path}?page%5Bsize%5D=100");
        let caller = self.population.admin.caller();
        let answer = self.insist(|| caller.get(&path))?;
        let name = name_of(number);
        let is_ours = |one: &&Value| one.get("display_name").is_some_and(|it| *it == *name);
        let ours = answer.list().ok()?.iter().find(is_ours)?;
        ours.get("id")?.as_str().map(str::to_owned)
    }

    fn delete(&self, held: &Held) {
        let Some(owner) = self.population.applications.get(held.application) else {
            return;
        };
        let id = &held.credential;
        let path = format!("/admin/v1/applications/{}/credentials/{id}", owner.id);
        let fact = Fact::Key(held.key);
        self.note(fact, |is_held| is_held.ask(false, Instant::now()));
        let caller = self.population.admin.caller();
        if let Some(answer) = self.insist(|| caller.delete(&path)) {
            // 404: the first answer was lost on its way, and the key is gone.
            self.settle(fact, &answer, &[204, 404]);
        }
    }

    /// Approves or revokes a registration, but for the one that lasts.
    fn decide(&self, chance: &mut fastrand::Rng) {
        let which = chance.usize(1..APPLICATIONS * SERVICES.len());
        let (application, service) = (which / SERVICES.len(), which % SERVICES.len());
        let approves = chance.bool();
        let admin = &self.population.admin;
        let Some(owner) = self.population.applications.get(application) else {
            return;
        };
        let path = format!(
            "/v2/portals/{}/applications/{}/registrations/{}",
            admin.portal(),
            owner.id,
            owner.registrations.get(service).map_or("", String::as_str),
        );
        let fact = Fact::Approval(application, service);
        self.note(fact, |approval| approval.ask(approves, Instant::now()));
        let status = if approves { "approved" } else { "revoked" };
        let body = json!({"status": status});
        if let Some(answer) = self.insist(|| admin.caller().patch(&path, &body)) {
            self.settle(fact, &answer, &[200]);
        }
    }

    /// Tells the model.
    fn note(&self, fact: Fact, note: impl FnOnce(&mut Timeline<bool>)) {
        if let Some(timeline) = self.population.truth().fact(fact) {
            note(timeline);
        }
    }

    /// Tells the model what became of a change that was asked for.
    fn settle(&self, fact: Fact, answer: &Answer, done: &[u16]) {
        if done.contains(&answer.call.status) {
            self.note(fact, |timeline| timeline.settle(Instant::now()));
            self.done.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.note(fact, Timeline::withdraw);
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.push(answer.unexpected().to_string());
    }

    /// Asks until there is an answer that says what became of it, whatever happens to the registry;
    /// [`None`] if the drill ends first.
    fn insist(&self, attempt: impl Fn() -> Result<Answer, StageError>) -> Option<Answer> {
        while !self.is_over.load(Ordering::Relaxed) {
            match attempt() {
                Ok(answer) if answer.call.status < 500 && answer.call.status != 429 => {
                    return Some(answer);
                }
                _ => thread::sleep(AGAIN),
            }
        }
        None
    }
}

fn name_of(number: usize) -> String {
    format!("drill {number}")
}
