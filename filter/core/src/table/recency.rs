//! Which records were used lately, for choosing the one to do without.
//!
//! Second chance (Corbató, "A paging experiment with the Multics system", 1968): one bit for each
//! record, set without a lock or a list on every use.

use std::cell::Cell;

use super::slab::Slot;

/// How many records are looked at for one to do without: choosing takes the same time in a table of
/// any size, and when all of these were used lately one is as good as another.
const MOST_CHANCES: usize = 64;

/// Which records were used since the hand passed them.
#[derive(Debug)]
pub(super) struct Recency {
    used: Vec<Cell<bool>>,
    hand: Slot,
}

// === impl Recency ===

impl Recency {
    /// Takes note that a place has a new record.
    pub(super) fn add(&mut self, slot: Slot) {
        let length = slot.index() + 1;
        if self.used.len() < length {
            self.used.resize(length, Cell::new(false));
        }
        if let Some(used) = self.used.get(slot.index()) {
            used.set(false);
        }
    }

    /// Takes note that a record was used.
    pub(super) fn touch(&self, slot: Slot) {
        if let Some(used) = self.used.get(slot.index()) {
            used.set(true);
        }
    }

    /// Chooses a record to do without; `is_there` tells records from empty places.
    pub(super) fn choose(&mut self, is_there: impl Fn(Slot) -> bool) -> Option<Slot> {
        let mut chances = MOST_CHANCES;
        // Twice round finds any record there is.
        for _ in 0..2 * self.used.len() {
            let slot = self.advance();
            if !is_there(slot) {
                continue;
            }
            chances -= 1;
            if chances == 0 || !self.take(slot) {
                return Some(slot);
            }
        }
        None
    }

    fn advance(&mut self) -> Slot {
        let slot = self.hand;
        let next = slot.next();
        self.hand = if next.index() < self.used.len() {
            next
        } else {
            Slot::FIRST
        };
        slot
    }

    fn take(&self, slot: Slot) -> bool {
        self.used
            .get(slot.index())
            .is_some_and(|used| used.replace(false))
    }
}

impl Default for Recency {
    fn default() -> Self {
        Self {
            used: Vec::new(),
            hand: Slot::FIRST,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(count: usize) -> (Recency, Vec<Slot>) {
        let mut recency = Recency::default();
        let slots = core::iter::successors(Some(Slot::FIRST), |slot| Some(slot.next()));
        let slots: Vec<Slot> = slots.take(count).collect();
        for slot in &slots {
            recency.add(*slot);
        }
        (recency, slots)
    }

    #[test]
    fn what_was_not_used_goes_before_what_was() {
        let (mut recency, slots) = slots(3);
        recency.touch(slots[0]);
        recency.touch(slots[1]);
        assert_eq!(recency.choose(|_| true), Some(slots[2]));
    }

    #[test]
    fn a_use_is_one_chance() {
        let (mut recency, slots) = slots(2);
        recency.touch(slots[0]);
        assert_eq!(recency.choose(|_| true), Some(slots[1]));
        assert_eq!(recency.choose(|_| true), Some(slots[0]));
    }

    #[test]
    fn an_empty_place_is_not_chosen() {
        let (mut recency, slots) = slots(3);
        assert_eq!(recency.choose(|slot| slot == slots[1]), Some(slots[1]));
        assert_eq!(recency.choose(|_| false), None);
    }

    #[test]
    fn choosing_looks_at_few_records_though_all_were_used() {
        let (mut recency, slots) = slots(10_000);
        for slot in &slots {
            recency.touch(*slot);
        }
        assert_eq!(recency.choose(|_| true), Some(slots[MOST_CHANCES - 1]));
    }
}
