//! A client that asks a worker a thousand times a second: the longest answer shows for how long the
//! worker did something else, and the scheduler's account of the worker whether it did.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::Serialize;
use stage::client::{Connection, Request};

use crate::accounting::{Account, Thread};
use crate::error::BenchError;
use crate::gateways::Gateway;
use crate::statistics::{Latency, milliseconds, quantile};

const PERIOD: Duration = Duration::from_millis(1);

/// What Envoy calls its first worker's thread.
const WORKER: &str = "wrk:worker_0";

/// A prober at work.
#[derive(Debug)]
pub(crate) struct Prober {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Vec<Probe>, BenchError>>,
}

/// How long a worker was held up, by what a prober saw.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Stalls {
    /// How many answers there were.
    pub(crate) answers: usize,
    /// What an answer takes.
    pub(crate) latency: Latency,
    /// One answer in a thousand took this long beyond the median, or longer.
    pub(crate) thousandth_ms: f64,
    /// The longest, beyond the median.
    pub(crate) longest_ms: f64,
    /// The longest that the worker itself ran while an answer was awaited, beyond the median.
    pub(crate) held_ms: f64,
    /// The same of one answer in a thousand.
    pub(crate) held_thousandth_ms: f64,
    /// The longest that it was ready to run meanwhile and other programs had all cores.
    pub(crate) waited_ms: f64,
}

/// An answer.
#[derive(Debug, Clone, Copy)]
struct Probe {
    took: Duration,
    worker: Account,
}

// === impl Prober ===

impl Prober {
    /// Begins to ask the only worker of an Envoy; requests without a key need neither table nor
    /// registry.
    pub(crate) fn start(gateway: &Gateway) -> Result<Self, BenchError> {
        let envoy = &gateway.envoy;
        let mut connection = Connection::open(envoy.address())?;
        let worker = Thread::find(envoy.process_id(), WORKER)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let request = Request::get("/probe");
            let mut answers = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let before = worker.account()?;
                let begin = Instant::now();
                connection.exchange(&request)?;
                let took = begin.elapsed();
                let worker = worker.account()?.since(before);
                answers.push(Probe { took, worker });
                thread::sleep(PERIOD.saturating_sub(took));
            }
            Ok(answers)
        });
        Ok(Self { stop, thread })
    }

    /// Ends it.
    pub(crate) fn finish(self) -> Result<Stalls, BenchError> {
        self.stop.store(true, Ordering::Relaxed);
        let answers = self.thread.join();
        let answers = answers.map_err(|_| std::io::Error::other("the prober panicked"))??;
        Ok(Stalls::of(&answers))
    }
}

// === impl Stalls ===

impl Stalls {
    fn of(answers: &[Probe]) -> Self {
        let sorted = |figure: fn(&Probe) -> Duration| {
            let mut sorted: Vec<f64> = answers.iter().map(figure).map(milliseconds).collect();
            sorted.sort_by(f64::total_cmp);
            sorted
        };
        let beyond = |sorted: &[f64], share| quantile(sorted, share) - quantile(sorted, 0.5);
        let took = sorted(|probe| probe.took);
        let held = sorted(Probe::held);
        let waited = sorted(|probe| probe.worker.waited);
        Self {
            answers: answers.len(),
            latency: Latency::of(&answers.iter().map(|probe| probe.took).collect::<Vec<_>>()),
            thousandth_ms: beyond(&took, 0.999),
            longest_ms: beyond(&took, 1.0),
            held_ms: beyond(&held, 1.0),
            held_thousandth_ms: beyond(&held, 0.999),
            waited_ms: quantile(&waited, 1.0),
        }
    }
}

// === impl Probe ===

impl Probe {
    /// How long the worker ran while the answer was awaited. Its account may be some milliseconds
    /// behind when it is asked; what it ran before that is no part of the answer.
    fn held(&self) -> Duration {
        self.worker.ran.min(self.took)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(took_ms: u64, ran_ms: u64, waited_ms: u64) -> Probe {
        Probe {
            took: Duration::from_millis(took_ms),
            worker: Account {
                ran: Duration::from_millis(ran_ms),
                waited: Duration::from_millis(waited_ms),
            },
        }
    }

    #[test]
    fn a_stall_is_what_an_answer_takes_beyond_the_usual() {
        let mut answers = vec![probe(1, 0, 0); 999];
        answers.push(probe(6, 0, 0));
        let stalls = Stalls::of(&answers);
        assert!((stalls.longest_ms - 5.0).abs() < 1e-9);
        assert!(stalls.thousandth_ms.abs() < 1e-9);
    }

    #[test]
    fn what_the_worker_ran_is_told_from_what_it_waited_for() {
        let stalls = Stalls::of(&[probe(1, 0, 0), probe(9, 2, 7), probe(1, 0, 0)]);
        assert!((stalls.held_ms - 2.0).abs() < 1e-9);
        assert!((stalls.waited_ms - 7.0).abs() < 1e-9);
    }

    #[test]
    fn what_a_worker_ran_before_it_was_asked_did_not_hold_the_answer_up() {
        let stalls = Stalls::of(&[probe(0, 0, 0), probe(0, 0, 0), probe(1, 4, 0)]);
        assert!((stalls.held_ms - 1.0).abs() < 1e-9);
    }
}
