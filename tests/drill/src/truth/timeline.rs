//! A fact that changes: what it may be for somebody who hears of changes a little later.

use std::collections::BTreeSet;
use std::time::Instant;

/// From when to when something lasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// When it began.
    pub(crate) begin: Instant,
    /// When it was over.
    pub(crate) end: Instant,
}

/// A fact from its beginning on; changes come one after the other.
#[derive(Debug)]
pub(crate) struct Timeline<T> {
    first: T,
    changes: Vec<Change<T>>,
}

/// It may be in force from the moment it is asked for, and is when it was answered.
#[derive(Debug)]
struct Change<T> {
    to: T,
    asked: Instant,
    answered: Option<Instant>,
}

// === impl Span ===

impl Span {
    /// Whether the two have a moment in common.
    pub(crate) fn meets(self, other: Self) -> bool {
        self.begin <= other.end && other.begin <= self.end
    }
}

// === impl Timeline ===

impl<T: Copy + Ord> Timeline<T> {
    /// Begins with what has been so for long.
    pub(crate) fn new(first: T) -> Self {
        Self {
            first,
            changes: Vec::new(),
        }
    }

    /// Takes note that a change is asked for.
    pub(crate) fn ask(&mut self, to: T, asked: Instant) {
        self.changes.push(Change {
            to,
            asked,
            answered: None,
        });
    }

    /// Takes note that the change that was asked for last is acknowledged.
    pub(crate) fn settle(&mut self, answered: Instant) {
        if let Some(change) = self.changes.last_mut() {
            change.answered = Some(answered);
        }
    }

    /// Takes note that the change that was asked for last was refused.
    pub(crate) fn withdraw(&mut self) {
        self.changes.pop();
    }

    /// Returns what the fact may have been for somebody during a span; `due` says when they must
    /// have heard of what was answered at a moment, if at all.
    pub(crate) fn possible(
        &self,
        span: Span,
        due: impl Fn(Instant) -> Option<Instant>,
    ) -> BTreeSet<T> {
        let mut values = BTreeSet::from([self.first]);
        for change in &self.changes {
            if change.asked > span.end {
                break;
            }
            let must_be_known_at = change.answered.and_then(&due);
            if must_be_known_at.is_some_and(|moment| moment < span.begin) {
                values.clear();
            }
            values.insert(change.to);
        }
        values
    }
}
