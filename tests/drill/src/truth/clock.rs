//! What time it is for Envoy, whose clock a drill steps.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use keystile_registry::domain::timestamp::Timestamp;

use super::{Span, Timeline};

/// Envoy's wall clock: the machine's, and what a drill adds to it.
#[derive(Debug)]
pub(crate) struct GatewayClock {
    started: (Instant, Timestamp),
    ahead_ms: Timeline<i64>,
}

// === impl GatewayClock ===

impl GatewayClock {
    /// Begins with the machine's clock, read at a moment.
    pub(crate) fn new(started: (Instant, Timestamp)) -> Self {
        Self {
            started,
            ahead_ms: Timeline::new(0),
        }
    }

    /// Takes note of a step, while it is made.
    pub(crate) fn step(&mut self, ahead_ms: i64, made: Span) {
        self.ahead_ms.ask(ahead_ms, made.begin);
        self.ahead_ms.settle(made.end);
    }

    /// Returns whether a moment may have passed during a span, and whether it may not; it is seen
    /// `exactly` so much too early or too late.
    pub(crate) fn has_passed(
        &self,
        moment: Option<Timestamp>,
        span: Span,
        exactly: Duration,
    ) -> BTreeSet<bool> {
        let Some(moment) = moment else {
            return BTreeSet::from([false]);
        };
        let slack = milliseconds(exactly);
        let mut passed = BTreeSet::new();
        for ahead_ms in self.ahead_ms.possible(span, Some) {
            let first = self.machine(span.begin) + ahead_ms - slack;
            let last = self.machine(span.end) + ahead_ms + slack;
            if first < moment.0 {
                passed.insert(false);
            }
            if last >= moment.0 {
                passed.insert(true);
            }
        }
        passed
    }

    /// Returns the machine's time at a moment, in milliseconds.
    fn machine(&self, at: Instant) -> i64 {
        let (instant, timestamp) = self.started;
        timestamp.0 + milliseconds(at.saturating_duration_since(instant))
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
