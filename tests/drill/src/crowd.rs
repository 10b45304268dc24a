//! The load: clients that ask all the time, and what they were told.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use stage::client::{ClientError, Response};
use stage::load::Client;

use crate::population::{Population, Probe};
use crate::truth::{Outcome, Seen, Span};

/// How long a client rests after each answer: the machine has others to serve as well.
const REST: Duration = Duration::from_millis(3);

/// Clients, and what they were told and nobody has taken yet.
#[derive(Debug)]
pub(crate) struct Crowd<'a> {
    population: &'a Population,
    proxy: SocketAddr,
    is_over: &'a AtomicBool,
    seen: Mutex<Vec<Seen>>,
}

// === impl Crowd ===

impl<'a> Crowd<'a> {
    /// Has asked nothing yet.
    pub(crate) fn new(
        population: &'a Population,
        proxy: SocketAddr,
        is_over: &'a AtomicBool,
    ) -> Self {
        Self {
            population,
            proxy,
            is_over,
            seen: Mutex::default(),
        }
    }

    /// Asks as one client, until it is over; the first keys last.
    pub(crate) fn ask(&self, mut chance: fastrand::Rng, lasting: usize) {
        let mut client = Client::new(self.proxy);
        while !self.is_over.load(Ordering::Relaxed) {
            let probe = self.population.choose(&mut chance, lasting);
            let begin = Instant::now();
            let answer = client.send(&probe.request);
            let end = Instant::now();
            let seen = Seen {
                subject: probe.subject,
                service: probe.service,
                span: Span { begin, end },
                outcome: outcome(answer, &probe),
            };
            self.lock().push(seen);
            thread::sleep(REST);
        }
    }

    /// Takes what clients were told since the last time.
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads an answer; the upstream repeats the header it was told its caller in.
fn outcome(answer: Result<Response, ClientError>, probe: &Probe) -> Outcome {
    match answer.as_ref().map(|answer| answer.status) {
        Ok(200) => {
            let told = answer.is_ok_and(|answer| answer.text().contains(&probe.consumer));
            if told && !probe.consumer.is_empty() {
                Outcome::Allowed
            } else {
                Outcome::Mistaken
            }
        }
        Ok(401) => Outcome::Unauthenticated,
        Ok(403) => Outcome::Forbidden,
        _ => Outcome::Undecided,
    }
}
