//! Applications by id and by place, counted by what names them: credentials, and services whose
//! anonymous application they are.

use keystile_protocol::application::Application;
use keystile_protocol::id::ApplicationId;

use super::Generation;
use super::index::{Index, hash_of};
use super::slab::{Slab, Slot};

/// Applications by id and by place.
#[derive(Debug, Default)]
pub(super) struct Applications {
    records: Slab<Record>,
    by_id: Index,
    keeps: Keeps,
}

/// Which applications are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Keeps {
    /// All until they are removed.
    #[default]
    Everything,
    /// Those that something names.
    Named,
}

/// An application, or the place of one that something names and that is not there (yet).
#[derive(Debug)]
struct Record {
    id: ApplicationId,
    generation: Generation,
    names: u32,
    application: Option<Box<Application>>,
}

// === impl Applications ===

impl Applications {
    /// Returns no applications, and keeps those it is told to.
    pub(super) fn new(keeps: Keeps) -> Self {
        Self {
            keeps,
            ..Self::default()
        }
    }

    /// Adds an application or replaces the one with its id.
    pub(super) fn put(&mut self, application: Application, generation: Generation) {
        let slot = self.place_of(application.id);
        if let Some(record) = slot.and_then(|slot| self.records.lookup_mut(slot)) {
            record.generation = generation;
            record.application = Some(Box::new(application));
        }
    }

    /// Removes an application; its place stays for as long as something names it.
    ///
    /// Returns how many do.
    pub(super) fn remove(&mut self, id: ApplicationId) -> u32 {
        let Some(slot) = self.slot_of(id) else {
            return 0;
        };
        let Some(record) = self.records.lookup_mut(slot) else {
            return 0;
        };
        record.application = None;
        let names = record.names;
        self.free_if_unused(slot);
        names
    }

    /// Returns the place of an application for one more that names it.
    pub(super) fn join(&mut self, id: ApplicationId) -> Option<Slot> {
        let slot = self.place_of(id)?;
        let record = self.records.lookup_mut(slot)?;
        record.names = record.names.saturating_add(1);
        Some(slot)
    }

    /// Takes note that one less names an application.
    pub(super) fn leave_by_id(&mut self, id: ApplicationId) {
        if let Some(slot) = self.slot_of(id) {
            self.leave(slot);
        }
    }

    /// Takes note that one less names the application at a place.
    pub(super) fn leave(&mut self, slot: Slot) {
        if let Some(record) = self.records.lookup_mut(slot) {
            record.names = record.names.saturating_sub(1);
            if record.names == 0 && self.keeps == Keeps::Named {
                record.application = None;
            }
        }
        self.free_if_unused(slot);
    }

    /// Whether something names an application.
    pub(super) fn is_named(&self, id: ApplicationId) -> bool {
        self.slot_of(id)
            .and_then(|slot| self.records.lookup(slot))
            .is_some_and(|record| record.names > 0)
    }

    /// Finds an application of a generation by id.
    pub(super) fn find(&self, id: ApplicationId, generation: Generation) -> Option<&Application> {
        self.lookup(self.slot_of(id)?, generation)
    }

    /// Returns the application of a generation at a place.
    pub(super) fn lookup(&self, slot: Slot, generation: Generation) -> Option<&Application> {
        let record = self.records.lookup(slot)?;
        if record.generation != generation {
            return None;
        }
        record.application.as_deref()
    }

    /// Removes the application at a place if it is not of a generation.
    pub(super) fn sweep(&mut self, slot: Slot, generation: Generation) {
        if let Some(record) = self.records.lookup_mut(slot)
            && record.generation != generation
        {
            record.application = None;
        }
        self.free_if_unused(slot);
    }

    /// Whether a place is behind the last application.
    pub(super) fn is_past(&self, slot: Slot) -> bool {
        self.records.is_past(slot)
    }

    /// Counts the applications, places of absent ones included.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    fn slot_of(&self, id: ApplicationId) -> Option<Slot> {
        self.by_id.find(hash_of(id.0), |slot| {
            self.records
                .lookup(slot)
                .is_some_and(|record| record.id == id)
        })
    }

    fn place_of(&mut self, id: ApplicationId) -> Option<Slot> {
        if let Some(slot) = self.slot_of(id) {
            return Some(slot);
        }
        let slot = self.records.insert(Record {
            id,
            generation: Generation::default(),
            names: 0,
            application: None,
        })?;
        let records = &self.records;
        self.by_id.insert(hash_of(id.0), slot, |other| {
            records
                .lookup(other)
                .map_or(0, |record| hash_of(record.id.0))
        });
        Some(slot)
    }

    fn free_if_unused(&mut self, slot: Slot) {
        let is_unused = self
            .records
            .lookup(slot)
            .is_some_and(|record| record.names == 0 && record.application.is_none());
        if is_unused && let Some(record) = self.records.remove(slot) {
            self.by_id.remove(hash_of(record.id.0), slot);
        }
    }
}
