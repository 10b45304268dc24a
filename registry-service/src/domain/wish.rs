//! What a change says about something that need not be there.

use serde::de::{Deserialize, Deserializer};

/// A member of a change: missing, null or something are three different wishes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wish<T> {
    /// Missing: it stays as it is.
    #[default]
    Keep,
    /// Null: there shall be none.
    Clear,
    /// This shall it be.
    Set(T),
}

// === impl Wish ===

impl<T> Wish<T> {
    /// Fulfils the wish.
    pub fn apply(self, present: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *present = None,
            Self::Set(value) => *present = Some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Wish<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::deserialize(deserializer)? {
            None => Self::Clear,
            Some(value) => Self::Set(value),
        })
    }
}
