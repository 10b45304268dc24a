//! Which state of a thing an act is meant for: `If-Match` (RFC 9110, section 13.1.1).
//!
//! A thing's time of change stands in for its state: no two states of one thing have the same.

use crate::domain::timestamp::Timestamp;

/// Which state of a thing an act is meant for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Expectation {
    /// Whichever there is.
    #[default]
    Any,
    /// One of those that changed last at these times.
    ChangedAt(Vec<Timestamp>),
}

// === impl Expectation ===

impl Expectation {
    /// Whether a thing that changed last at a time is what was expected.
    pub fn is_met_by(&self, updated_at: Timestamp) -> bool {
        match self {
            Self::Any => true,
            Self::ChangedAt(times) => times.contains(&updated_at),
        }
    }
}
