//! How applications authenticate: key names and how long keys live.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::id::AuthStrategyId;
use crate::domain::name::named;
use crate::domain::service::KeyNames;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A key-auth strategy; several product versions may share it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthStrategy {
    /// Identifies it.
    pub id: AuthStrategyId,
    /// Its name, unique in the registry.
    pub name: Line<255>,
    /// Its name as developers see it.
    pub display_name: Line<255>,
    /// The names a key may have.
    pub key_names: KeyNames,
    /// How long a new key lives; changing it leaves issued keys alone.
    pub ttl: Option<Ttl>,
    /// Whether an application gets its first key when it is made on our pages.
    pub default_credential: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How long a new key lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ttl {
    /// How many units.
    pub value: u32,
    /// Of which length.
    pub unit: TtlUnit,
}

named! {
    /// The units of a [`Ttl`].
    TtlUnit {
        /// 24 hours.
        Days = "days",
        /// Seven days.
        Weeks = "weeks",
        /// 365 days.
        Years = "years",
    }
}

// === impl Ttl ===

impl Ttl {
    /// Returns when a key issued now stops being valid.
    pub fn end(self, now: Timestamp) -> Timestamp {
        let days = match self.unit {
            TtlUnit::Days => 1,
            TtlUnit::Weeks => 7,
            TtlUnit::Years => 365,
        };
        now.plus_ms(i64::from(self.value).saturating_mul(days * DAY_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_lives_as_long_as_its_strategy_says() {
        let ttl = Ttl {
            value: 2,
            unit: TtlUnit::Weeks,
        };
        assert_eq!(ttl.end(Timestamp(5)), Timestamp(5 + 14 * DAY_MS));
    }
}
