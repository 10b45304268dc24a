//! What a request costs, side by side: every side is an Envoy that differs in one filter, and all of
//! them take turns in every round.

pub(crate) mod authz;
pub(crate) mod configuration;
mod line_up;
mod requests;

use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;
use tokio::runtime::Handle;

use crate::error::BenchError;
use crate::gateways::Gateway;
use crate::options::Effort;
use crate::statistics::{Latency, Spread, milliseconds, real};
use crate::wire::{Traffic, volley};

pub(crate) use line_up::line_up;

/// How many connections a side has open: enough to keep one worker busy.
const CONNECTIONS: usize = 8;

/// What a side's cost is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Base {
    /// It is one: requests without a body, no filter.
    Bare,
    /// It is one: requests with a body, held until the body is there.
    Buffered,
    /// The base of requests without a body.
    OfBare,
    /// The base of requests with a body.
    OfBuffered,
}

/// A filter, how many keys it knows, and what is sent to it.
#[derive(Debug)]
pub(crate) struct Side {
    /// The filter.
    pub(crate) name: String,
    /// How many keys it knows.
    pub(crate) keys: Option<u64>,
    /// Its Envoy; a filter gets several kinds of requests.
    pub(crate) gateway: Rc<Gateway>,
    /// What is sent.
    pub(crate) traffic: Traffic,
    /// What it is compared with.
    pub(crate) base: Base,
}

/// What was measured of a side, round by round.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SideResult {
    /// The filter and the request.
    pub(crate) name: String,
    /// How many keys it knows.
    pub(crate) keys: Option<u64>,
    /// What it is compared with.
    pub(crate) base: Base,
    /// Envoy's processor time for a request, in microseconds, in each round.
    pub(crate) cpu_us: Vec<f64>,
    /// Requests in a second, in each round.
    pub(crate) per_second: Vec<f64>,
    /// How long requests took, in each round.
    pub(crate) latency: Vec<Latency>,
    /// How long its Envoy took to start.
    pub(crate) start_ms: f64,
    /// How much memory its Envoy used before the rounds.
    pub(crate) resident_bytes: u64,
}

/// Measures all sides in turns; every other round goes backwards, so that none is always the last.
pub(crate) fn measure(
    runtime: &Handle,
    sides: &[Side],
    effort: &Effort,
) -> Result<Vec<SideResult>, BenchError> {
    let mut results = sides
        .iter()
        .map(SideResult::of)
        .collect::<Result<Vec<_>, _>>()?;
    for side in sides {
        // The first requests open pools and warm caches.
        side.round(runtime, effort.requests / 10)?;
    }
    for round in 0..effort.rounds {
        eprintln!("bench: round {} of {}", round + 1, effort.rounds);
        let mut order: Vec<_> = sides.iter().zip(&mut results).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for (side, result) in order {
            result.add(&side.round(runtime, effort.requests)?);
        }
    }
    Ok(results)
}

/// What a round of a side is.
struct Round {
    cpu: Duration,
    elapsed: Duration,
    latencies: Vec<Duration>,
}

// === impl Side ===

impl Side {
    /// Returns a side that is compared with no filter, and knows no keys.
    fn new(name: &str, gateway: &Rc<Gateway>, traffic: Traffic) -> Self {
        Self {
            name: name.to_owned(),
            keys: None,
            gateway: Rc::clone(gateway),
            traffic,
            base: Base::OfBare,
        }
    }

    /// Says how many keys it knows.
    fn knowing(mut self, keys: u64) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Says what it is compared with.
    fn against(mut self, base: Base) -> Self {
        self.base = base;
        self
    }

    fn round(&self, runtime: &Handle, requests: usize) -> Result<Round, BenchError> {
        let before = self.gateway.processor_time()?;
        let address = self.gateway.envoy.address();
        let shot = volley(address, &self.traffic, (CONNECTIONS, requests));
        let shot = runtime.block_on(shot).map_err(|error| self.blame(error))?;
        Ok(Round {
            cpu: self.gateway.processor_time()?.saturating_sub(before),
            elapsed: shot.elapsed,
            latencies: shot.latencies,
        })
    }

    fn blame(&self, error: BenchError) -> BenchError {
        let expected = format!("{} for {}", self.traffic.status, self.name);
        match error {
            BenchError::Unexpected { seen, .. } => {
                BenchError::unexpected("the answer of a side", expected, seen)
            }
            other => other,
        }
    }
}

// === impl SideResult ===

impl SideResult {
    fn of(side: &Side) -> Result<Self, BenchError> {
        Ok(Self {
            name: side.name.clone(),
            keys: side.keys,
            base: side.base,
            cpu_us: Vec::new(),
            per_second: Vec::new(),
            latency: Vec::new(),
            start_ms: milliseconds(side.gateway.envoy.start_time()),
            resident_bytes: side.gateway.resident_bytes()?,
        })
    }

    fn add(&mut self, round: &Round) {
        let count = real(round.latencies.len());
        self.cpu_us.push(round.cpu.as_secs_f64() * 1e6 / count);
        self.per_second.push(count / round.elapsed.as_secs_f64());
        self.latency.push(Latency::of(&round.latencies));
    }

    /// Returns what the side adds to its base, in microseconds, round by round.
    pub(crate) fn added(&self, all: &[Self]) -> Vec<f64> {
        let base = match self.base {
            Base::Bare | Base::Buffered => return vec![0.0; self.cpu_us.len()],
            Base::OfBare => Base::Bare,
            Base::OfBuffered => Base::Buffered,
        };
        let base = all.iter().find(|side| side.base == base);
        let base = base.map(|side| side.cpu_us.as_slice()).unwrap_or_default();
        let pairs = self.cpu_us.iter().zip(base);
        pairs.map(|(own, base)| own - base).collect()
    }

    /// Returns how many times what another side adds this one adds: the ratios of each round.
    pub(crate) fn times(&self, other: &Self, all: &[Self]) -> Spread {
        let pairs = self.added(all).into_iter().zip(other.added(all));
        let ratios: Vec<f64> = pairs
            // A base that cost more than a side in some round, by chance, has no ratio.
            .filter(|(_, other)| *other > 0.0)
            .map(|(own, other)| own / other)
            .collect();
        Spread::of(&ratios)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(base: Base, cpu_us: &[f64]) -> SideResult {
        SideResult {
            name: String::new(),
            keys: None,
            base,
            cpu_us: cpu_us.to_vec(),
            per_second: Vec::new(),
            latency: Vec::new(),
            start_ms: 0.0,
            resident_bytes: 0,
        }
    }

    #[test]
    fn a_ratio_is_one_of_what_is_added_in_the_same_round() {
        let all = [
            side(Base::Bare, &[10.0, 20.0, 10.0]),
            side(Base::OfBare, &[20.0, 30.0, 20.0]),
            side(Base::OfBare, &[25.0, 35.0, 90.0]),
        ];
        assert_eq!(all[2].added(&all), [15.0, 15.0, 80.0]);
        let times = all[2].times(&all[1], &all);
        let ratio = format!("{:.1}", times.median);
        assert_eq!(ratio, "1.5", "a disturbed round does not count");
    }

    #[test]
    fn requests_with_bodies_have_a_base_of_their_own() {
        let all = [
            side(Base::Bare, &[10.0]),
            side(Base::Buffered, &[30.0]),
            side(Base::OfBuffered, &[45.0]),
        ];
        assert_eq!(all[2].added(&all), [15.0]);
        assert_eq!(all[1].added(&all), [0.0]);
    }
}
