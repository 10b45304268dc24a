//! A client that asks a worker a thousand times a second: the longest answer shows for how long the
//! worker did something else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::Serialize;
use stage::client::{Connection, Request};

use crate::error::BenchError;
use crate::statistics::{Latency, milliseconds, quantile};

const PERIOD: Duration = Duration::from_millis(1);

/// A prober at work.
#[derive(Debug)]
pub(crate) struct Prober {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Vec<Duration>, BenchError>>,
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
}

// === impl Prober ===

impl Prober {
    /// Begins to ask the only worker of an Envoy; requests without a key need neither table nor
    /// registry.
    pub(crate) fn start(address: SocketAddr) -> Result<Self, BenchError> {
        let mut connection = Connection::open(address)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let request = Request::get("/probe");
            let mut answers = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let begin = Instant::now();
                connection.exchange(&request)?;
                let took = begin.elapsed();
                answers.push(took);
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
    fn of(answers: &[Duration]) -> Self {
        let latency = Latency::of(answers);
        let mut sorted: Vec<f64> = answers.iter().copied().map(milliseconds).collect();
        sorted.sort_by(f64::total_cmp);
        Self {
            answers: answers.len(),
            latency,
            thousandth_ms: quantile(&sorted, 0.999) - latency.p50_ms,
            longest_ms: latency.max_ms - latency.p50_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_is_what_an_answer_takes_beyond_the_usual() {
        let mut answers = vec![Duration::from_millis(1); 999];
        answers.push(Duration::from_millis(6));
        let stalls = Stalls::of(&answers);
        assert!((stalls.longest_ms - 5.0).abs() < 1e-9);
        assert!(stalls.thousandth_ms.abs() < 1e-9);
    }
}
