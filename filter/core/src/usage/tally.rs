//! How often something was done, and how long it took.

use keystile_protocol::usage::{Count, Latency, latency_bucket};

use super::Use;

/// How often a key was used for the same, with the same outcome.
#[derive(Debug)]
pub(super) struct Tally {
    used: Use,
    status: u16,
    last_ms: i64,
    /// Few, in the order of their buckets.
    latencies: Vec<Latency>,
}

// === impl Tally ===

impl Tally {
    /// Returns a count of nothing.
    pub(super) fn new(used: Use, status: u16) -> Self {
        Self {
            used,
            status,
            last_ms: 0,
            latencies: Vec::new(),
        }
    }

    /// Whether it counts this.
    pub(super) fn is_of(&self, used: Use, status: u16) -> bool {
        self.used == used && self.status == status
    }

    /// Returns the hash of what it counts.
    pub(super) fn hash(&self) -> u64 {
        hash_of(self.used, self.status)
    }

    /// Counts one.
    pub(super) fn add(&mut self, now_ms: i64, latency_ms: u64) {
        self.last_ms = now_ms;
        let bucket = latency_bucket(latency_ms);
        let at = self
            .latencies
            .partition_point(|other| other.bucket < bucket);
        match self.latencies.get_mut(at) {
            Some(latency) if latency.bucket == bucket => {
                latency.requests = latency.requests.saturating_add(1);
            }
            _ => self.latencies.insert(
                at,
                Latency {
                    bucket,
                    requests: 1,
                },
            ),
        }
    }

    /// Returns it as it is reported.
    pub(super) fn into_count(self) -> Count {
        Count {
            credential: self.used.credential,
            service: self.used.service,
            status: self.status,
            last_ms: self.last_ms,
            latencies: self.latencies,
        }
    }
}

/// Returns a hash: ids are random, and nobody outside chooses them.
pub(super) fn hash_of(used: Use, status: u16) -> u64 {
    let (high, low) = used.credential.0.as_u64_pair();
    let (_, service) = used.service.0.as_u64_pair();
    let mixed = high ^ low ^ service.rotate_left(17) ^ u64::from(status);
    mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
