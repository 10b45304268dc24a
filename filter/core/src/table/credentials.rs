//! Credentials by digest and by id, 64 bytes each besides the two indexes.

use keystile_protocol::application::Credential;
use keystile_protocol::id::CredentialId;
use keystile_protocol::key::KeyDigest;

use super::Generation;
use super::index::{Index, hash_of};
use super::recency::Recency;
use super::slab::{Slab, Slot};

/// Stands for "never" in a record: an `Option` would cost eight bytes a million times.
const NEVER: i64 = i64::MAX;

/// Credentials by digest and by id.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    records: Slab<Record>,
    by_digest: Index,
    by_id: Index,
    /// For a table that is bounded: it knows which one to do without.
    recency: Option<Recency>,
}

/// A credential.
#[derive(Debug)]
pub(super) struct Record {
    /// Identifies the credential.
    pub(super) id: CredentialId,
    /// The place of the application it stands for.
    pub(super) application: Slot,
    digest: KeyDigest,
    expires_at_ms: i64,
    generation: Generation,
}

// === impl Record ===

impl Record {
    /// When the credential stops being valid, in milliseconds since the Unix epoch.
    pub(super) fn expires_at_ms(&self) -> Option<i64> {
        (self.expires_at_ms != NEVER).then_some(self.expires_at_ms)
    }
}

// === impl Credentials ===

impl Credentials {
    /// Returns no credentials, and notes which are used.
    pub(super) fn with_recency() -> Self {
        Self {
            recency: Some(Recency::default()),
            ..Self::default()
        }
    }

    /// Adds a credential, or replaces the one with its id; a digest has one credential.
    ///
    /// Returns the places of applications that have one credential less now.
    pub(super) fn put(
        &mut self,
        credential: &Credential,
        application: Option<Slot>,
        generation: Generation,
    ) -> [Option<Slot>; 2] {
        let replaced = [
            self.remove(credential.id),
            self.slot_by_digest(&credential.digest)
                .and_then(|slot| self.remove_at(slot)),
        ];
        let record = application.map(|application| Record {
            id: credential.id,
            application,
            digest: credential.digest,
            expires_at_ms: credential.expires_at_ms.unwrap_or(NEVER),
            generation,
        });
        if let Some(slot) = record.and_then(|record| self.records.insert(record)) {
            self.enter(slot, credential);
        }
        replaced
    }

    /// Removes a credential and returns the place of its application.
    pub(super) fn remove(&mut self, id: CredentialId) -> Option<Slot> {
        self.remove_at(self.slot_by_id(id)?)
    }

    /// Removes one that was not used lately, and returns the place of its application.
    pub(super) fn evict(&mut self) -> Option<Slot> {
        let records = &self.records;
        let recency = self.recency.as_mut()?;
        let slot = recency.choose(|slot| records.lookup(slot).is_some())?;
        self.remove_at(slot)
    }

    /// Whether a credential of any generation is held.
    pub(super) fn contains(&self, id: CredentialId) -> bool {
        self.slot_by_id(id).is_some()
    }

    /// Finds a credential of a generation by digest.
    pub(super) fn find(&self, digest: &KeyDigest, generation: Generation) -> Option<&Record> {
        let slot = self.slot_by_digest(digest)?;
        let record = self.records.lookup(slot)?;
        if let Some(recency) = &self.recency {
            recency.touch(slot);
        }
        (record.generation == generation).then_some(record)
    }

    /// Removes the credential at a place if it is not of a generation or its application is gone;
    /// returns the place of that.
    pub(super) fn sweep(
        &mut self,
        slot: Slot,
        generation: Generation,
        is_alive: impl Fn(Slot) -> bool,
    ) -> Option<Slot> {
        let record = self.records.lookup(slot)?;
        if record.generation == generation && is_alive(record.application) {
            return None;
        }
        self.remove_at(slot)
    }

    /// Whether a place is behind the last credential.
    pub(super) fn is_past(&self, slot: Slot) -> bool {
        self.records.is_past(slot)
    }

    /// Counts the credentials.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    fn slot_by_id(&self, id: CredentialId) -> Option<Slot> {
        self.by_id.find(hash_of(id.0), |slot| {
            self.records
                .lookup(slot)
                .is_some_and(|record| record.id == id)
        })
    }

    fn slot_by_digest(&self, digest: &KeyDigest) -> Option<Slot> {
        self.by_digest.find(hash_of_digest(digest), |slot| {
            self.records
                .lookup(slot)
                .is_some_and(|record| record.digest == *digest)
        })
    }

    fn enter(&mut self, slot: Slot, credential: &Credential) {
        if let Some(recency) = &mut self.recency {
            recency.add(slot);
        }
        let records = &self.records;
        self.by_digest
            .insert(hash_of_digest(&credential.digest), slot, |other| {
                records
                    .lookup(other)
                    .map_or(0, |record| hash_of_digest(&record.digest))
            });
        self.by_id.insert(hash_of(credential.id.0), slot, |other| {
            records
                .lookup(other)
                .map_or(0, |record| hash_of(record.id.0))
        });
    }

    fn remove_at(&mut self, slot: Slot) -> Option<Slot> {
        let record = self.records.remove(slot)?;
        self.by_digest.remove(hash_of_digest(&record.digest), slot);
        self.by_id.remove(hash_of(record.id.0), slot);
        Some(record.application)
    }
}

/// The first bytes of a digest are as good as any hash of it.
fn hash_of_digest(digest: &KeyDigest) -> u64 {
    digest
        .as_bytes()
        .first_chunk()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_takes_64_bytes() {
        assert_eq!(
            size_of::<Option<Record>>(),
            64,
            "96 MB for a million credentials leave 32 bytes for two indexes"
        );
    }
}
