//! When gateways must have heard of what the registry acknowledged, and when they know too little.

use std::time::{Duration, Instant};

use super::Span;

/// What is promised, and nothing more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Promise {
    /// From the registry's answer to the last worker (DESIGN.md, section 11).
    pub(crate) propagation: Duration,
    /// From the end of an outage until the feed is followed again.
    pub(crate) comeback: Duration,
    /// How long a gateway decides by what it knows.
    pub(crate) max_stale: Duration,
}

/// When gateways could hear, and when they could not.
#[derive(Debug)]
pub(crate) struct Hearing {
    promise: Promise,
    outages: Vec<Outage>,
}

/// A time during which no gateway could hear of changes.
#[derive(Debug, Clone, Copy)]
struct Outage {
    begun: Instant,
    complete: Option<Instant>,
    over: Option<Instant>,
    heard: Option<Instant>,
}

/// How long what was on its way when an outage began may take.
const ON_ITS_WAY: Duration = Duration::from_millis(250);

// === impl Hearing ===

impl Hearing {
    /// Begins without an outage.
    pub(crate) fn new(promise: Promise) -> Self {
        Self {
            promise,
            outages: Vec::new(),
        }
    }

    /// Takes note that something is about to cut gateways off.
    pub(crate) fn begin(&mut self, begun: Instant) {
        self.outages.push(Outage {
            begun,
            complete: None,
            over: None,
            heard: None,
        });
    }

    /// Takes note that from now on nothing gets through.
    pub(crate) fn complete(&mut self, complete: Instant) {
        self.change(|outage| outage.complete = Some(complete));
    }

    /// Takes note that gateways could hear again.
    pub(crate) fn end(&mut self, over: Instant) {
        self.change(|outage| outage.over = Some(over));
    }

    /// Takes note that every worker was seen to know of something that happened after the end.
    pub(crate) fn hear(&mut self, heard: Instant) {
        self.change(|outage| outage.heard = Some(heard));
    }

    fn change(&mut self, change: impl FnOnce(&mut Outage)) {
        if let Some(outage) = self.outages.last_mut() {
            change(outage);
        }
    }

    /// Returns when every gateway must have heard of what was answered at a moment; [`None`] while
    /// that cannot be said.
    pub(crate) fn due(&self, answered: Instant) -> Option<Instant> {
        let mut due = answered + self.promise.propagation;
        for outage in &self.outages {
            if outage.begun > due {
                break;
            }
            let back = outage.back(&self.promise)?;
            if back > answered {
                due = due.max(back);
            }
        }
        Some(due)
    }

    /// Whether what a gateway knew was too old to decide by during the whole of a span.
    pub(crate) fn is_stale(&self, span: Span) -> bool {
        self.outages.iter().any(|outage| {
            let too_old = outage
                .complete
                .map(|complete| complete + self.promise.max_stale + ON_ITS_WAY);
            too_old.is_some_and(|moment| moment < span.begin)
                && outage.over.is_none_or(|over| span.end < over)
        })
    }
}

// === impl Outage ===

impl Outage {
    /// Returns when whatever happened before or during it must be known.
    fn back(&self, promise: &Promise) -> Option<Instant> {
        let promised = self.over? + promise.comeback + promise.propagation;
        Some(self.heard.map_or(promised, |heard| heard.min(promised)))
    }
}
