//! A moment, to the millisecond.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::domain::schema::schema;

/// Milliseconds since the Unix epoch; RFC 3339 for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// The text is not a date and time as RFC 3339 writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date and time as RFC 3339 writes them")]
pub struct InvalidTimestamp;

// === impl Timestamp ===

impl Timestamp {
    /// Returns the moment so many milliseconds later.
    #[must_use]
    pub const fn plus_ms(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Returns the moment, or the one right after another if it is not later: what is changed twice
    /// within a millisecond has two different times of change.
    #[must_use]
    pub fn later_than(self, other: Self) -> Self {
        self.max(other.plus_ms(1))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX);
        write!(formatter, "{moment:.3}")
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        text.parse::<jiff::Timestamp>()
            .map(|moment| Self(moment.as_millisecond()))
            .map_err(|_| InvalidTimestamp)
    }
}

schema!([] Timestamp = {"type": "string", "format": "date-time"});

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_prints_and_reads_as_rfc_3339_with_milliseconds() {
        let moment = Timestamp(1_762_820_330_120);
        assert_eq!(moment.to_string(), "2025-11-11T00:18:50.120Z");
        assert_eq!(moment.to_string().parse(), Ok(moment));
    }
}
