//! Numbers about numbers: medians, quantiles, ratios with their spread.

use std::time::Duration;

use serde::Serialize;

/// A median with the middle half of what it is the median of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Spread {
    /// A quarter is below.
    pub(crate) low: f64,
    /// Half is below.
    pub(crate) median: f64,
    /// A quarter is above.
    pub(crate) high: f64,
}

/// How long many things took, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(clippy::struct_field_names, reason = "units are in names")]
pub(crate) struct Latency {
    /// Half took no longer.
    pub(crate) p50_ms: f64,
    /// All but one in a hundred took no longer.
    pub(crate) p99_ms: f64,
    /// The longest.
    pub(crate) max_ms: f64,
}

// === impl Spread ===

impl Spread {
    /// Sums samples up; without any, all is 0.
    pub(crate) fn of(samples: &[f64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self {
            low: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            high: quantile(&sorted, 0.75),
        }
    }
}

// === impl Latency ===

impl Latency {
    /// Sums durations up; without any, all is 0.
    pub(crate) fn of(durations: &[Duration]) -> Self {
        let mut sorted: Vec<f64> = durations.iter().copied().map(milliseconds).collect();
        sorted.sort_by(f64::total_cmp);
        Self {
            p50_ms: quantile(&sorted, 0.5),
            p99_ms: quantile(&sorted, 0.99),
            max_ms: quantile(&sorted, 1.0),
        }
    }
}

/// Returns the smallest of sorted numbers that a share of all does not exceed (nearest rank).
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let rank = (share * real(sorted.len())).ceil();
    let index = (0..last)
        .find(|index| real(*index) + 1.0 >= rank)
        .unwrap_or(last);
    sorted.get(index).copied().unwrap_or_default()
}

/// Returns a count as a number to calculate with; above four billion it stays there.
pub(crate) fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Returns a duration in milliseconds.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_stands_in_the_middle_half() {
        let expected = Spread {
            low: 1.0,
            median: 3.0,
            high: 5.0,
        };
        assert_eq!(Spread::of(&[9.0, 1.0, 3.0, 5.0]), expected);
    }

    #[test]
    fn one_outlier_does_not_move_a_median() {
        assert_eq!(Spread::of(&[2.0, 1000.0, 2.0, 2.0]), Spread::of(&[2.0]));
    }

    #[test]
    fn a_quantile_is_one_of_the_numbers() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        let shares = [0.0, 0.5, 0.99, 0.999, 1.0];
        let found = shares.map(|share| quantile(&hundred, share).to_string());
        assert_eq!(found, ["1", "50", "99", "100", "100"]);
    }

    #[test]
    fn latencies_are_summed_up_in_milliseconds() {
        let durations: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        let expected = Latency {
            p50_ms: 100.0,
            p99_ms: 198.0,
            max_ms: 200.0,
        };
        assert_eq!(Latency::of(&durations), expected);
        assert_eq!(Latency::of(&[]), Latency::of(&[Duration::ZERO]), "no news");
    }
}
