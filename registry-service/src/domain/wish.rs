//! What a change says about something that need not be there.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

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
    /// Wishes for the same of another kind.
    #[must_use]
    pub fn map<U>(self, into: impl FnOnce(T) -> U) -> Wish<U> {
        match self {
            Self::Keep => Wish::Keep,
            Self::Clear => Wish::Clear,
            Self::Set(value) => Wish::Set(into(value)),
        }
    }

    /// Whether it is to stay as it is: such a member is left out.
    pub const fn is_to_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Fulfils the wish.
    pub fn apply(self, present: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *present = None,
            Self::Set(value) => *present = Some(value),
        }
    }
}

/// What was said: nothing shall be there, or this.
impl<T> From<Option<T>> for Wish<T> {
    fn from(said: Option<T>) -> Self {
        said.map_or(Self::Clear, Self::Set)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Wish<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}

impl<T: Serialize> Serialize for Wish<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Wish<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}
