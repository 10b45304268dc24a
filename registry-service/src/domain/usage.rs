//! What keys were used for: how often, and how long it took.

use std::collections::BTreeMap;

use keystile_protocol::usage::LATENCY_BOUNDS_MS;

/// How many requests took how long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    by_bucket: BTreeMap<usize, i64>,
}

// === impl Histogram ===

impl Histogram {
    /// Adds requests to a latency bucket of the protocol's.
    pub fn add(&mut self, bucket: usize, requests: i64) {
        let total = self.by_bucket.entry(bucket).or_default();
        *total = total.saturating_add(requests);
    }

    /// Adds the requests of another.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, requests) in &other.by_bucket {
            self.add(*bucket, *requests);
        }
    }

    /// Returns how many requests there were.
    pub fn requests(&self) -> i64 {
        self.by_bucket
            .values()
            .fold(0, |total, requests| total.saturating_add(*requests))
    }

    /// Returns the latency that so many of 100 requests stayed within, in milliseconds; `None`
    /// where there was none. Within a bucket requests count as spread evenly.
    pub fn percentile_ms(&self, percent: u8) -> Option<f64> {
        let rank = approximate(self.requests()) * f64::from(percent.min(100)) / 100.0;
        let mut below = 0.0;
        for (bucket, requests) in &self.by_bucket {
            let requests = approximate(*requests);
            if below + requests >= rank {
                let (low, high) = bounds(*bucket);
                return Some(low + (high - low) * (rank - below) / requests);
            }
            below += requests;
        }
        None
    }
}

/// Returns what a bucket is between; of the last one, only where it begins is known.
fn bounds(bucket: usize) -> (f64, f64) {
    let bound = |index: usize| LATENCY_BOUNDS_MS.get(index).map(|bound| whole(*bound));
    let low = bucket.checked_sub(1).and_then(bound).unwrap_or(0.0);
    (low, bound(bucket).unwrap_or(low))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts above 2^53 are not reached, and a percentile would not change by one"
)]
fn approximate(count: i64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "bounds are far below 2^53")]
fn whole(bound: u64) -> f64 {
    bound as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(buckets: &[(usize, i64)]) -> Histogram {
        let mut histogram = Histogram::default();
        for (bucket, requests) in buckets {
            histogram.add(*bucket, *requests);
        }
        histogram
    }

    fn is_near(seen: Option<f64>, expected: f64) -> bool {
        seen.is_some_and(|seen| (seen - expected).abs() < 0.001)
    }

    #[test]
    fn a_percentile_is_read_within_its_bucket() {
        // 50 requests between 4 and 6 ms, 50 between 16 and 24 ms.
        let histogram = histogram(&[(4, 50), (8, 50)]);
        for (percent, expected) in [(25, 5.0), (50, 6.0), (75, 20.0), (100, 24.0)] {
            let seen = histogram.percentile_ms(percent);
            assert!(is_near(seen, expected), "p{percent}: {seen:?}");
        }
    }

    #[test]
    fn what_took_longest_counts_as_long_as_is_known() {
        let seen = histogram(&[(LATENCY_BOUNDS_MS.len(), 3)]).percentile_ms(99);
        assert!(is_near(seen, 65_536.0), "{seen:?}");
    }

    #[test]
    fn without_requests_there_is_no_percentile() {
        assert_eq!(Histogram::default().percentile_ms(50), None);
    }

    #[test]
    fn requests_of_a_bucket_add_up() {
        assert_eq!(histogram(&[(1, 2), (1, 3), (7, 1)]).requests(), 6);
    }
}
