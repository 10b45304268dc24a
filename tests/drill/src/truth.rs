//! The model of the truth: what the registry was told, when a gateway must know of it, and so which
//! answers a request may get.
//!
//! [`timeline`] is a fact that changes, [`hearing`] when gateways must have heard of a change,
//! [`clock`] what time it is for Envoy. Nothing here asks Keystile anything.

mod clock;
mod hearing;
mod timeline;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use keystile_registry::domain::timestamp::Timestamp;

pub(crate) use clock::GatewayClock;
pub(crate) use hearing::{Hearing, Promise};
pub(crate) use timeline::{Span, Timeline};

/// How exactly a key ends by the clock: what is promised.
const END: Duration = Duration::from_secs(1);

/// What a client was told, or may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// 200, and the upstream was told the right application.
    Allowed,
    /// 200, and the upstream was told another application, or none.
    Mistaken,
    /// 401.
    Unauthenticated,
    /// 403.
    Forbidden,
    /// 503, another status, or no answer at all.
    Undecided,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Somebody without a key.
    NoKey,
    /// Somebody with a key that nobody was ever given.
    Stranger,
    /// Whoever has one of the drill's keys.
    Key(usize),
}

/// One request and its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// Who asked.
    pub(crate) subject: Subject,
    /// For which service.
    pub(crate) service: usize,
    /// When.
    pub(crate) span: Span,
    /// What the answer was.
    pub(crate) outcome: Outcome,
}

/// What to think of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Some order of what happened explains it.
    Right,
    /// Somebody got in who may not, or as somebody else.
    WrongAllow,
    /// Somebody was refused, or refused as somebody else.
    WrongDeny,
    /// The gateway did not decide where it could have.
    Undecided,
}

/// A fact that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fact {
    /// Whether a key is good.
    Key(usize),
    /// Whether an application is approved for a service.
    Approval(usize, usize),
}

/// A key and what became of it.
#[derive(Debug)]
pub(crate) struct Key {
    /// Whose it is.
    pub(crate) application: usize,
    /// When it ends by itself.
    pub(crate) ends: Option<Timestamp>,
    /// Whether it is good.
    pub(crate) is_held: Timeline<bool>,
}

/// Everything that is true.
#[derive(Debug)]
pub(crate) struct Truth {
    /// The keys, by number.
    pub(crate) keys: Vec<Key>,
    /// Whether an application is approved for a service.
    pub(crate) approvals: BTreeMap<(usize, usize), Timeline<bool>>,
    /// When gateways could hear.
    pub(crate) hearing: Hearing,
    /// What time it is for Envoy.
    pub(crate) clock: GatewayClock,
}

// === impl Truth ===

impl Truth {
    /// Returns what is true of an empty registry.
    pub(crate) fn of_nothing(promise: Promise, started: (Instant, Timestamp)) -> Self {
        Self {
            keys: Vec::new(),
            approvals: BTreeMap::new(),
            hearing: Hearing::new(promise),
            clock: GatewayClock::new(started),
        }
    }

    /// Returns a fact, to change it.
    pub(crate) fn fact(&mut self, fact: Fact) -> Option<&mut Timeline<bool>> {
        match fact {
            Fact::Key(number) => self.keys.get_mut(number).map(|key| &mut key.is_held),
            Fact::Approval(application, service) => self.approvals.get_mut(&(application, service)),
        }
    }

    /// Says what to think of an answer.
    pub(crate) fn judge(&self, seen: &Seen) -> Verdict {
        let expected = self.expected(seen);
        match seen.outcome {
            outcome if expected.contains(&outcome) => Verdict::Right,
            Outcome::Allowed | Outcome::Mistaken => Verdict::WrongAllow,
            Outcome::Unauthenticated | Outcome::Forbidden => Verdict::WrongDeny,
            Outcome::Undecided => Verdict::Undecided,
        }
    }

    /// Returns every answer that is right for a request.
    pub(crate) fn expected(&self, seen: &Seen) -> BTreeSet<Outcome> {
        if self.hearing.is_stale(seen.span) {
            return BTreeSet::from([Outcome::Undecided]);
        }
        let Subject::Key(number) = seen.subject else {
            return BTreeSet::from([Outcome::Unauthenticated]);
        };
        let Some(key) = self.keys.get(number) else {
            return BTreeSet::from([Outcome::Unauthenticated]);
        };
        let mut expected = BTreeSet::new();
        for is_good in self.goodness(key, seen.span) {
            if is_good {
                let place = (key.application, seen.service);
                expected.extend(self.access(place, seen.span));
            } else {
                expected.insert(Outcome::Unauthenticated);
            }
        }
        expected
    }

    /// Returns whether a key may have been good, and whether it may not.
    fn goodness(&self, key: &Key, span: Span) -> BTreeSet<bool> {
        let held = key.is_held.possible(span, |at| self.hearing.due(at));
        let ended = self.clock.has_passed(key.ends, span, END);
        let both = held.iter().flat_map(|is_held| {
            let ended = ended.iter();
            ended.map(move |has_ended| *is_held && !has_ended)
        });
        both.collect()
    }

    fn access(&self, place: (usize, usize), span: Span) -> BTreeSet<Outcome> {
        let Some(approval) = self.approvals.get(&place) else {
            return BTreeSet::from([Outcome::Forbidden]);
        };
        let possible = approval.possible(span, |at| self.hearing.due(at));
        let outcomes = possible.into_iter().map(|is_approved| {
            if is_approved {
                Outcome::Allowed
            } else {
                Outcome::Forbidden
            }
        });
        outcomes.collect()
    }
}

#[cfg(test)]
mod tests;
