//! The one source of chance: ids and secrets come from here.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use keystile_protocol::key::{self, BASE62};
use rand::rngs::{StdRng, SysError, SysRng};
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use uuid::{Builder, Uuid};

/// Makes ids and secrets; its clones share one generator.
#[derive(Clone)]
pub struct Random(Arc<Mutex<StdRng>>);

// === impl Random ===

impl Random {
    /// Returns a generator the operating system seeded.
    pub fn from_system() -> Result<Self, SysError> {
        StdRng::try_from_rng(&mut SysRng).map(|generator| Self(Arc::new(Mutex::new(generator))))
    }

    /// Returns a generator whose every answer follows from the seed, for tests.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// Returns a random UUID (RFC 9562, section 5.4).
    pub fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.with(|generator| generator.fill_bytes(&mut bytes));
        Builder::from_random_bytes(bytes).into_uuid()
    }

    /// Returns a new secret in the format of keys.
    pub fn secret(&self, prefix: &str) -> String {
        key::compose(prefix, &self.base62(key::RANDOM_LENGTH))
    }

    /// Returns a length of time up to the longest, and at least half of it: whoever tries again after
    /// that does not do so together with everybody else.
    pub fn jittered_ms(&self, longest: i64) -> i64 {
        self.with(|generator| generator.random_range(longest / 2..=longest.max(0)))
    }

    fn base62(&self, length: usize) -> String {
        self.with(|generator| {
            (0..length)
                .filter_map(|_| BASE62.get(generator.random_range(0..BASE62.len())))
                .map(|digit| char::from(*digit))
                .collect()
        })
    }

    fn with<T>(&self, ask: impl FnOnce(&mut StdRng) -> T) -> T {
        // A panic elsewhere leaves a generator as random as it was.
        ask(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Random(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_the_format_of_keys() {
        let secret = Random::seeded(1).secret("ks");
        assert!(key::is_well_formed("ks", secret.as_bytes()));
    }

    #[test]
    fn one_seed_gives_one_sequence_of_different_ids() {
        let (one, two) = (Random::seeded(7), Random::seeded(7));
        let first = one.uuid();
        assert_eq!(first, two.uuid());
        assert_ne!(first, one.uuid());
    }
}
