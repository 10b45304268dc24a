//! Records that never move: growing never copies, and a freed place is used again.

use core::num::NonZeroU32;

/// How many records a segment holds; 64 KiB of credentials.
const SEGMENT: usize = 1024;

/// The place of a record; one more than its index, so that an `Option` costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(NonZeroU32);

/// Records by place.
#[derive(Debug)]
pub(super) struct Slab<T> {
    segments: Vec<Vec<Option<T>>>,
    free: Vec<Slot>,
    length: usize,
}

// === impl Slot ===

impl Slot {
    /// The first place.
    pub(super) const FIRST: Self = Self(NonZeroU32::MIN);

    /// Returns the place after this one.
    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Counts the places before this one.
    pub(super) fn index(self) -> usize {
        (self.0.get() - 1) as usize
    }

    fn split(self) -> (usize, usize) {
        (self.index() / SEGMENT, self.index() % SEGMENT)
    }
}

// === impl Slab ===

impl<T> Slab<T> {
    /// Adds a record and returns its place; `None` when there is none left in 32 bits.
    pub(super) fn insert(&mut self, record: T) -> Option<Slot> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => self.extend()?,
        };
        *self.place(slot)? = Some(record);
        self.length += 1;
        Some(slot)
    }

    /// Takes a record out of its place.
    pub(super) fn remove(&mut self, slot: Slot) -> Option<T> {
        let record = self.place(slot)?.take()?;
        self.free.push(slot);
        self.length -= 1;
        Some(record)
    }

    /// Returns the record at a place.
    pub(super) fn lookup(&self, slot: Slot) -> Option<&T> {
        let (segment, offset) = slot.split();
        self.segments.get(segment)?.get(offset)?.as_ref()
    }

    /// Returns the record at a place, to change it.
    pub(super) fn lookup_mut(&mut self, slot: Slot) -> Option<&mut T> {
        self.place(slot)?.as_mut()
    }

    /// Whether a place is behind the last record.
    pub(super) fn is_past(&self, slot: Slot) -> bool {
        let (segment, offset) = slot.split();
        self.segments
            .get(segment)
            .is_none_or(|records| offset >= records.len())
    }

    /// Counts the records.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    fn place(&mut self, slot: Slot) -> Option<&mut Option<T>> {
        let (segment, offset) = slot.split();
        self.segments.get_mut(segment)?.get_mut(offset)
    }

    fn extend(&mut self) -> Option<Slot> {
        if self
            .segments
            .last()
            .is_none_or(|last| last.len() == SEGMENT)
        {
            self.segments.push(Vec::with_capacity(SEGMENT));
        }
        let before = (self.segments.len() - 1) * SEGMENT;
        let last = self.segments.last_mut()?;
        last.push(None);
        let count = u32::try_from(before + last.len()).ok()?;
        NonZeroU32::new(count).map(Slot)
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            segments: Vec::new(),
            free: Vec::new(),
            length: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_where_it_was_put_across_segments() {
        let mut slab = Slab::default();
        let slots: Vec<Slot> = (0..=SEGMENT * 2)
            .map(|number| slab.insert(number).unwrap())
            .collect();
        for (number, slot) in slots.iter().enumerate() {
            assert_eq!(slab.lookup(*slot), Some(&number));
        }
    }

    #[test]
    fn a_freed_place_is_used_again() {
        let mut slab = Slab::default();
        let first = slab.insert('a').unwrap();
        assert_eq!(slab.remove(first), Some('a'));
        assert_eq!(slab.insert('b'), Some(first));
        assert_eq!(slab.len(), 1);
    }

    #[test]
    fn walking_by_next_visits_every_record_once() {
        let mut slab = Slab::default();
        for number in 0..SEGMENT + 3 {
            slab.insert(number).unwrap();
        }
        let mut slot = Slot::FIRST;
        let mut visited = 0;
        while !slab.is_past(slot) {
            visited += usize::from(slab.lookup(slot).is_some());
            slot = slot.next();
        }
        assert_eq!(visited, SEGMENT + 3);
    }
}
