//! Keys that the registry said it does not know, for a while.

use std::collections::{BTreeMap, VecDeque};

use keystile_protocol::key::KeyDigest;

use crate::clock::Timestamp;

/// How many are kept: a flood of made-up keys must not push out what is known of real ones, nor
/// take memory for ever.
const MOST: usize = 8_192;

/// Keys that the registry does not know.
#[derive(Debug, Default)]
pub(super) struct UnknownKeys {
    since: BTreeMap<KeyDigest, Timestamp>,
    /// The oldest first. A key that was forgotten or added again is still here with its old time.
    order: VecDeque<(KeyDigest, Timestamp)>,
}

// === impl UnknownKeys ===

impl UnknownKeys {
    /// Takes note that a key is unknown now.
    pub(super) fn add(&mut self, digest: KeyDigest, now: Timestamp) {
        if self.order.len() >= MOST
            && let Some((oldest, since)) = self.order.pop_front()
            && self.since.get(&oldest) == Some(&since)
        {
            self.since.remove(&oldest);
        }
        self.since.insert(digest, now);
        self.order.push_back((digest, now));
    }

    /// Whether a key was unknown less than `ttl_ms` ago.
    pub(super) fn contains(&self, digest: &KeyDigest, now: Timestamp, ttl_ms: u64) -> bool {
        self.since
            .get(digest)
            .is_some_and(|since| !now.is_past(*since, ttl_ms))
    }

    /// Takes note that a key has a credential from here on.
    pub(super) fn forget(&mut self, digest: &KeyDigest) {
        self.since.remove(digest);
    }

    /// Takes note that any key may have a credential from here on.
    pub(super) fn clear(&mut self) {
        self.since.clear();
        self.order.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn digest(number: usize) -> KeyDigest {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        KeyDigest::from_bytes(bytes)
    }

    #[test]
    fn a_key_is_unknown_for_a_while() {
        let mut unknown = UnknownKeys::default();
        unknown.add(digest(1), NOW);
        let later = |ms| Timestamp(NOW.0 + ms);
        assert!(unknown.contains(&digest(1), later(4_999), 5_000));
        assert!(!unknown.contains(&digest(1), later(5_000), 5_000));
        assert!(!unknown.contains(&digest(2), NOW, 5_000));
    }

    #[test]
    fn a_clock_set_back_does_not_make_it_longer() {
        let mut unknown = UnknownKeys::default();
        unknown.add(digest(1), NOW);
        assert!(!unknown.contains(&digest(1), Timestamp(NOW.0 - 1), 5_000));
    }

    #[test]
    fn a_flood_keeps_the_latest() {
        let mut unknown = UnknownKeys::default();
        (0..3 * MOST).for_each(|number| unknown.add(digest(number), NOW));
        assert_eq!((unknown.since.len(), unknown.order.len()), (MOST, MOST));
        assert!(unknown.contains(&digest(3 * MOST - 1), NOW, 1));
        assert!(!unknown.contains(&digest(0), NOW, 1));
    }

    #[test]
    fn one_key_again_and_again_takes_no_more_room_than_many() {
        let mut unknown = UnknownKeys::default();
        for number in 0..3 * MOST {
            unknown.add(digest(1), Timestamp(NOW.0 + i64::try_from(number).unwrap()));
        }
        assert_eq!(unknown.order.len(), MOST);
        assert!(!unknown.since.is_empty());
    }

    #[test]
    fn what_is_forgotten_and_added_again_outlives_its_old_place() {
        let mut unknown = UnknownKeys::default();
        unknown.add(digest(1), NOW);
        unknown.forget(&digest(1));
        assert!(!unknown.contains(&digest(1), NOW, 1));
        let later = Timestamp(NOW.0 + 1);
        unknown.add(digest(1), later);
        (2..=MOST).for_each(|number| unknown.add(digest(number), later));
        assert!(unknown.contains(&digest(1), later, 1));
    }
}
