//! Metrics: one value per name in the whole proxy, ids per virtual machine.

use std::collections::BTreeMap;

use crate::abi::status::Status;

/// The values of all metrics by name.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    values: BTreeMap<String, u64>,
    histograms: BTreeMap<String, Vec<u64>>,
}

/// What kind a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetricKind {
    Counter,
    Gauge,
    Histogram,
}

impl TryFrom<u32> for MetricKind {
    type Error = Status;

    fn try_from(number: u32) -> Result<Self, Status> {
        match number {
            0 => Ok(Self::Counter),
            1 => Ok(Self::Gauge),
            2 => Ok(Self::Histogram),
            _ => Err(Status::BadArgument),
        }
    }
}

impl Metrics {
    /// Returns the value of a counter or gauge.
    pub(crate) fn value(&self, name: &str) -> Option<u64> {
        self.values.get(name).copied()
    }

    /// Returns what a histogram recorded.
    pub(crate) fn recorded(&self, name: &str) -> &[u64] {
        self.histograms.get(name).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.values
            .keys()
            .chain(self.histograms.keys())
            .map(String::as_str)
    }

    pub(crate) fn define(&mut self, kind: MetricKind, name: &str) {
        match kind {
            MetricKind::Counter | MetricKind::Gauge => {
                self.values.entry(name.to_owned()).or_default();
            }
            MetricKind::Histogram => {
                self.histograms.entry(name.to_owned()).or_default();
            }
        }
    }

    /// Adds to a counter, sets a gauge, records in a histogram.
    pub(crate) fn record(&mut self, kind: MetricKind, name: &str, value: u64) {
        match kind {
            MetricKind::Counter => *self.slot(name) += value,
            MetricKind::Gauge => *self.slot(name) = value,
            MetricKind::Histogram => {
                let recorded = self.histograms.entry(name.to_owned()).or_default();
                recorded.push(value);
            }
        }
    }

    /// Adds to a counter (more than 0 only) or moves a gauge.
    pub(crate) fn increment(
        &mut self,
        kind: MetricKind,
        name: &str,
        offset: i64,
    ) -> Result<(), Status> {
        let allowed = match kind {
            MetricKind::Counter => offset > 0,
            MetricKind::Gauge => true,
            MetricKind::Histogram => false,
        };
        if !allowed {
            return Err(Status::BadArgument);
        }
        let slot = self.slot(name);
        *slot = slot.wrapping_add_signed(offset);
        Ok(())
    }

    fn slot(&mut self, name: &str) -> &mut u64 {
        self.values.entry(name.to_owned()).or_default()
    }
}
