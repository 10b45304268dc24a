//! Whether two kinds of answers take as long as each other, as far as chance lets one tell.

/// Beyond this distance two kinds differ: of a million pairs that do not, one is as far apart.
pub const SIGNIFICANT: f64 = 4.9;

/// Returns how far two samples are apart, in standard deviations of Mann and Whitney's U.
///
/// It compares ranks: how long the longest answers took on a machine that was busy with something else
/// does not matter, only whether one kind has more of them.
pub fn distance<T: Ord + Copy>(one: &[T], other: &[T]) -> f64 {
    let mut all: Vec<(T, bool)> = one.iter().map(|value| (*value, true)).collect();
    all.extend(other.iter().map(|value| (*value, false)));
    all.sort_unstable_by_key(|(value, _)| *value);
    let (n, m) = (real(one.len()), real(other.len()));
    let mut sum = 0.0;
    let mut ties = 0.0;
    let mut below = 0.0;
    for equals in all.chunk_by(|one, other| one.0 == other.0) {
        let count = real(equals.len());
        // Equals share the mean of their ranks.
        let rank = below + f64::midpoint(count, 1.0);
        sum += rank * real(equals.iter().filter(|(_, is_of_one)| *is_of_one).count());
        ties += count.powi(3) - count;
        below += count;
    }
    let expected = n * f64::midpoint(n + m, 1.0);
    let total = n + m;
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance > 0.0 {
        (sum - expected).abs() / variance.sqrt()
    } else {
        0.0
    }
}

fn real(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look like chance and are the same each time; some are far out.
    fn sample(seed: u64, plus: u64) -> Vec<u64> {
        let mut state = seed;
        let next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let drawn = state >> 33;
            let far_out = if drawn.is_multiple_of(20) { 100_000 } else { 0 };
            1000 + plus + drawn % 200 + far_out
        };
        std::iter::repeat_with(next).take(250).collect()
    }

    #[test]
    fn samples_of_one_kind_are_near_each_other() {
        for seed in 0..100 {
            let apart = distance(&sample(seed, 0), &sample(seed + 1000, 0));
            assert!(apart < SIGNIFICANT, "{seed}: {apart}");
        }
    }

    #[test]
    fn a_difference_of_a_twentieth_shows_among_outliers() {
        for seed in 0..100 {
            let apart = distance(&sample(seed, 0), &sample(seed + 1000, 60));
            assert!(apart > SIGNIFICANT, "{seed}: {apart}");
        }
    }

    #[test]
    fn equals_are_no_distance() {
        assert!(distance(&[1, 1, 1], &[1, 1]).abs() < f64::EPSILON);
    }
}
