//! Points in time as the proxy's clock gives them: wall clock, so it can jump either way.

/// A point in time, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

// === impl Timestamp ===

impl Timestamp {
    /// Returns how many milliseconds have passed since `earlier`; `None` if the clock was set back
    /// behind it, so that nothing waits for time to catch up.
    pub fn since(self, earlier: Self) -> Option<u64> {
        u64::try_from(self.0.checked_sub(earlier.0)?).ok()
    }

    /// Whether `delay_ms` have passed since `earlier`, or the clock was set back behind it.
    pub fn is_past(self, earlier: Self, delay_ms: u64) -> bool {
        self.since(earlier).is_none_or(|passed| passed >= delay_ms)
    }
}
