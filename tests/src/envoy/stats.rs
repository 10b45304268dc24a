//! Envoy's counters and gauges by name.

use std::collections::BTreeMap;

/// Counters and gauges at one moment.
#[derive(Debug, Clone, Default)]
pub struct Stats(BTreeMap<String, u64>);

// === impl Stats ===

impl Stats {
    /// Parses what `/stats` prints: `name: value`; histograms are left out.
    pub fn parse(text: &str) -> Self {
        let row = |line: &str| {
            let (name, value) = line.rsplit_once(": ")?;
            Some((name.to_owned(), value.trim().parse().ok()?))
        };
        Self(text.lines().filter_map(row).collect())
    }

    /// Returns a value; Envoy leaves out nothing that was ever defined.
    pub fn value(&self, name: &str) -> Option<u64> {
        self.0.get(name).copied()
    }

    /// Returns all whose names hold one text and end in another.
    pub fn matching(&self, part: &str, end: &str) -> Vec<(&str, u64)> {
        self.0
            .iter()
            .filter(|(name, _)| name.contains(part) && name.ends_with(end))
            .map(|(name, value)| (name.as_str(), *value))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_colons() {
        let stats = Stats::parse("a.[__1]_0.b: 3\nhistogram: P0(nan,0)\nc: 0\n");
        assert_eq!(stats.value("a.[__1]_0.b"), Some(3));
        assert_eq!(stats.value("histogram"), None);
        assert_eq!(stats.matching("a.", ".b"), [("a.[__1]_0.b", 3)]);
    }
}
