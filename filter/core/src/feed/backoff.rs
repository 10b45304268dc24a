//! How long to wait after a failure: longer each time, and not all at the same moment.

/// The first delay's upper bound.
const SHORTEST_MS: u64 = 200;

/// The longest delay.
const LONGEST_MS: u64 = 5_000;

/// Delays that double up to a bound, each between half of it and all of it.
#[derive(Debug)]
pub(super) struct Backoff {
    failures: u32,
    state: u64,
}

// === impl Backoff ===

impl Backoff {
    /// Returns delays spread by `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            failures: 0,
            // Zero is the one state xorshift never leaves.
            state: seed | 1,
        }
    }

    /// Takes note of a success.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// Takes note of a failure and returns how long to wait.
    pub(super) fn next_delay_ms(&mut self) -> u64 {
        let bound = (SHORTEST_MS << self.failures.min(8)).min(LONGEST_MS);
        self.failures = self.failures.saturating_add(1);
        bound / 2 + self.random() % (bound / 2 + 1)
    }

    /// Xorshift64 (Marsaglia, "Xorshift RNGs", 2003): spreading moments needs no better.
    fn random(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_up_to_the_longest() {
        let mut backoff = Backoff::new(7);
        for bound in [200, 400, 800, 1600, 3200, 5000, 5000, 5000] {
            let delay = backoff.next_delay_ms();
            assert!((bound / 2..=bound).contains(&delay), "{delay} of {bound}");
        }
    }

    #[test]
    fn a_success_starts_over() {
        let mut backoff = Backoff::new(7);
        for _ in 0..50 {
            backoff.next_delay_ms();
        }
        backoff.reset();
        assert!(backoff.next_delay_ms() <= SHORTEST_MS);
    }

    #[test]
    fn two_readers_wait_for_different_times() {
        let delays = |seed| {
            let mut backoff = Backoff::new(seed);
            [(); 6].map(|()| backoff.next_delay_ms())
        };
        assert_ne!(delays(1), delays(3));
    }
}
