//! Finds places by hash, split into many small tables: when one of a thousand grows, it moves a
//! thousandth of the places, not a million of them in one call.

use hashbrown::HashTable;
use uuid::Uuid;

use super::slab::Slot;

/// How many bits of a hash choose the table.
const PART_BITS: u32 = 10;

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

/// The highest bits, which the tables themselves do not look at.
fn part_of(hash: u64) -> usize {
    usize::try_from(hash >> (u64::BITS - PART_BITS)).unwrap_or_default()
}
