//! What one place holds under one name.

use std::borrow::Cow;

use crate::urlencoded::Pair;

/// What one place holds under one name.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Located<'a> {
    /// Nothing: the next place is asked.
    Absent,
    /// One value, which is final even if it is empty.
    Text(Cow<'a, [u8]>),
    /// More than one value, or one that has several in it.
    Repeated,
    /// Something that cannot be a key, such as a bare flag or a number: the next name is asked.
    Unusable,
}

/// What one place holds under each of several names.
pub(crate) struct Findings<'n, 'a> {
    names: &'n [String],
    located: Vec<Located<'a>>,
}

// === impl Located ===

impl Located<'_> {
    /// Adds what else is found in the same place.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Absent, present) | (present, Self::Absent) => present,
            _ => Self::Repeated,
        }
    }
}

impl From<Pair<'_>> for Located<'_> {
    fn from(pair: Pair<'_>) -> Self {
        match pair.value() {
            Some(value) => Self::Text(Cow::Owned(value)),
            None => Self::Unusable,
        }
    }
}

// === impl Findings ===

impl<'n, 'a> Findings<'n, 'a> {
    pub(crate) fn new(names: &'n [String]) -> Self {
        Self {
            names,
            located: vec![Located::Absent; names.len()],
        }
    }

    /// Adds a value to each name it has; it is only made for those.
    pub(crate) fn record(
        &mut self,
        is_named: impl Fn(&str) -> bool,
        value: impl Fn() -> Located<'a>,
    ) {
        for (name, located) in self.names.iter().zip(&mut self.located) {
            if is_named(name) {
                *located = core::mem::replace(located, Located::Absent).and(value());
            }
        }
    }

    /// Returns what was found, in the order of the names.
    pub(crate) fn into_located(self) -> Vec<Located<'a>> {
        self.located
    }
}
