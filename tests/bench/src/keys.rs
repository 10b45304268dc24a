//! The keys of a run: the one with a number is the same in every run, and so is what it belongs to.

use keystile_protocol::id::{ApplicationId, CredentialId};
use keystile_protocol::key::{self, BASE62, RANDOM_LENGTH};
use uuid::{Builder, Uuid};

/// How many keys an application has.
pub(crate) const KEYS_PER_APPLICATION: u64 = 10;

/// The keys of the first application, which is registered for nothing.
pub(crate) const UNREGISTERED: u64 = KEYS_PER_APPLICATION;

/// Returns a key.
pub(crate) fn key(number: u64) -> String {
    let mut state = mix(number ^ 0x006b_6579);
    let random: String = (0..RANDOM_LENGTH)
        .filter_map(|_| {
            state = mix(state);
            // The high half is below 62 after the multiplication.
            let digit = usize::try_from((u128::from(state) * 62) >> 64).ok()?;
            BASE62.get(digit).map(|digit| char::from(*digit))
        })
        .collect();
    key::compose("ks", &random)
}

/// Returns the credential of a key.
pub(crate) fn credential(number: u64) -> CredentialId {
    CredentialId(identity(number, 1))
}

/// Returns the application of a key.
pub(crate) fn application_of(number: u64) -> ApplicationId {
    application(number / KEYS_PER_APPLICATION)
}

/// Returns an application.
pub(crate) fn application(number: u64) -> ApplicationId {
    ApplicationId(identity(number, 2))
}

/// Returns the registration of an application.
pub(crate) fn registration(number: u64) -> Uuid {
    identity(number, 3)
}

/// As random as the registry's own, so that tables and indexes have the same work with it.
fn identity(number: u64, kind: u64) -> Uuid {
    let high = mix(number.wrapping_mul(4).wrapping_add(kind));
    let low = mix(high ^ kind);
    let value = u128::from(high) << 64 | u128::from(low);
    Builder::from_random_bytes(value.to_be_bytes()).into_uuid()
}

/// The finaliser of splitmix64: each number has another result.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_number_has_a_key_of_its_own() {
        let keys: BTreeSet<String> = (0..1_000).map(key).collect();
        assert_eq!(keys.len(), 1_000);
        for key in keys {
            assert!(key::is_well_formed("ks", key.as_bytes()), "{key}");
        }
    }

    #[test]
    fn ten_keys_share_an_application() {
        assert_eq!(application_of(0), application_of(9));
        assert_ne!(application_of(9), application_of(10));
        assert_ne!(credential(1).0, application(1).0);
    }
}
