//! Finds places by hash, split into many small tables: when one of a thousand grows, it moves a
//! thousandth of the places, not a million of them in one call.
//!
//! A table doubles when it is full, so a thousand equal ones would all be half empty at the same
//! time. These get unequal shares of the hashes, the largest twice the smallest: some have just grown
//! when others are nearly full, and of all of them always a third is free.

use hashbrown::HashTable;
use uuid::Uuid;

use super::slab::Slot;

/// How many tables there are: two to this power.
const PART_BITS: u32 = 10;

/// How many bits of a hash choose the table: more than there are tables, as their shares differ.
const FRACTION_BITS: u32 = 20;

/// Places by hash.
#[derive(Debug)]
pub(super) struct Index {
    parts: Vec<HashTable<Slot>>,
}

// === impl Index ===

impl Index {
    /// Finds the place of a record; `is_it` tells it from others with the same hash.
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(Slot) -> bool) -> Option<Slot> {
        let part = self.parts.get(part_of(hash))?;
        part.find(hash, |slot| is_it(*slot)).copied()
    }

    /// Adds a place; `rehash` returns the hash of what is at another place.
    pub(super) fn insert(&mut self, hash: u64, slot: Slot, rehash: impl Fn(Slot) -> u64) {
        if let Some(part) = self.parts.get_mut(part_of(hash)) {
            part.insert_unique(hash, slot, |other| rehash(*other));
        }
    }

    /// Takes a place out.
    pub(super) fn remove(&mut self, hash: u64, slot: Slot) {
        if let Some(part) = self.parts.get_mut(part_of(hash))
            && let Ok(entry) = part.find_entry(hash, |other| *other == slot)
        {
            entry.remove();
        }
    }
}

impl Default for Index {
    fn default() -> Self {
        Self {
            parts: (0..1 << PART_BITS).map(|_| HashTable::new()).collect(),
        }
    }
}

/// Returns the hash of a UUID: they are random, but for version, variant and, in version 7, time
/// (RFC 9562, section 5.7), so one multiplication spreads them well enough (Knuth, volume 3, 6.4).
pub(super) fn hash_of(id: Uuid) -> u64 {
    let (high, low) = id.as_u64_pair();
    (high ^ low).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Chooses by the highest bits, which the tables themselves do not look at. For `x` from 0 to 1 it is
/// `x (4 - x) / 3` of the way through the tables: they are passed twice as fast at the beginning.
fn part_of(hash: u64) -> usize {
    let x = hash >> (u64::BITS - FRACTION_BITS);
    let way = x * ((4 << FRACTION_BITS) - x) / 3;
    usize::try_from(way >> (2 * FRACTION_BITS - PART_BITS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_its_share_of_hashes_and_the_last_has_twice_the_firsts() {
        let steps = 1 << 16;
        let mut shares = vec![0_u32; 1 << PART_BITS];
        for step in 0..steps {
            shares[part_of(step << (u64::BITS - 16))] += 1;
        }
        // 64 each would be equal shares.
        assert!(
            shares.iter().all(|share| (48..=96).contains(share)),
            "{shares:?}"
        );
        assert!(
            shares[0] <= 49 && shares[(1 << PART_BITS) - 1] >= 95,
            "{shares:?}"
        );
        assert_eq!(part_of(u64::MAX), (1 << PART_BITS) - 1);
    }

    #[test]
    fn what_a_turn_adds_moves_a_few_thousand_places_of_a_million_at_most() {
        // More than a turn of the feed takes in.
        const TURN: usize = 1_000;
        let mut index = Index::default();
        let hash = |slot: Slot| hash_of(Uuid::from_u128(slot.index() as u128));
        let moved = core::cell::Cell::new(0);
        let mut slot = Slot::FIRST;
        for _ in 0..1_000_000 / TURN {
            moved.set(0);
            for _ in 0..TURN {
                index.insert(hash(slot), slot, |other| {
                    moved.set(moved.get() + 1);
                    hash(other)
                });
                slot = slot.next();
            }
            assert!(
                moved.get() < 8 * TURN,
                "{} of {}",
                moved.get(),
                slot.index()
            );
        }
        assert!(
            index.parts.iter().all(|part| part.capacity() >= 448),
            "all have grown"
        );
    }
}
