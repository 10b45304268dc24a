//! Credentials by digest and by id, 52 bytes each besides the two indexes.

use keystile_protocol::application::Credential;
use keystile_protocol::id::CredentialId;
use keystile_protocol::key::KeyDigest;

use super::Generation;
use super::index::{Index, hash_of};
use super::recency::Recency;
use super::slab::{Slab, Slot};

/// How much of a digest is kept: 192 bits.
///
/// Two keys that are confused have to agree in all of them: of a billion random keys some two do
/// with a probability of 2^-133. Making a key that passes for one of a million takes 2^172 hashes,
/// and whoever makes two keys of their own agree, after 2^96, has two that are theirs anyway; the
/// registry tells digests apart by all their bits.
const KEPT: usize = 24;

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
    digest: Prefix,
    expires_at: End,
    generation: Generation,
}

/// The beginning of a digest, which stands for all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Prefix([u8; KEPT]);

/// When a credential stops being valid: milliseconds since the Unix epoch in 48 bits, which last to
/// the year 10889; all of them set stand for "never".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End([u8; 6]);

// === impl Record ===

impl Record {
    /// When the credential stops being valid, in milliseconds since the Unix epoch.
    pub(super) fn expires_at_ms(&self) -> Option<i64> {
        self.expires_at.in_ms()
    }
}

// === impl Prefix ===

impl Prefix {
    fn of(digest: &KeyDigest) -> Self {
        Self(*digest.as_bytes().first_chunk().unwrap_or(&[0; KEPT]))
    }

    /// The first bytes of a digest are as good as any hash of it.
    fn hash(&self) -> u64 {
        let bytes = self.0.first_chunk();
        bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }
}

// === impl End ===

impl End {
    const NEVER: Self = Self([u8::MAX; 6]);

    /// What was over before 1970 is over then; what lasts longer than can be said never ends.
    fn at(expires_at_ms: Option<i64>) -> Self {
        let bytes = expires_at_ms.map(|ms| ms.max(0).to_le_bytes());
        match bytes.as_ref().and_then(|bytes| bytes.split_first_chunk()) {
            Some((kept, [0, 0])) => Self(*kept),
            _ => Self::NEVER,
        }
    }

    fn in_ms(self) -> Option<i64> {
        let mut bytes = [0; 8];
        *bytes.first_chunk_mut()? = self.0;
        (self != Self::NEVER).then_some(i64::from_le_bytes(bytes))
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
            digest: Prefix::of(&credential.digest),
            expires_at: End::at(credential.expires_at_ms),
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
        let digest = Prefix::of(digest);
        self.by_digest.find(digest.hash(), |slot| {
            self.records
                .lookup(slot)
                .is_some_and(|record| record.digest == digest)
        })
    }

    fn enter(&mut self, slot: Slot, credential: &Credential) {
        if let Some(recency) = &mut self.recency {
            recency.add(slot);
        }
        let records = &self.records;
        self.by_digest
            .insert(Prefix::of(&credential.digest).hash(), slot, |other| {
                records
                    .lookup(other)
                    .map_or(0, |record| record.digest.hash())
            });
        self.by_id.insert(hash_of(credential.id.0), slot, |other| {
            records
                .lookup(other)
                .map_or(0, |record| hash_of(record.id.0))
        });
    }

    fn remove_at(&mut self, slot: Slot) -> Option<Slot> {
        let record = self.records.remove(slot)?;
        self.by_digest.remove(record.digest.hash(), slot);
        self.by_id.remove(hash_of(record.id.0), slot);
        Some(record.application)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_takes_52_bytes() {
        assert_eq!(
            size_of::<Option<Record>>(),
            52,
            "96 MB for a million credentials leave 44 bytes for two indexes and applications"
        );
    }

    #[test]
    fn an_end_is_kept_to_the_millisecond() {
        for (ms, kept) in [
            (None, None),
            (Some(0), Some(0)),
            (Some(1_700_000_000_001), Some(1_700_000_000_001)),
            (Some((1 << 48) - 2), Some((1 << 48) - 2)),
            (Some(-1), Some(0)),
            (Some(i64::MAX), None),
            (Some(1 << 48), None),
        ] {
            assert_eq!(End::at(ms).in_ms(), kept, "{ms:?}");
        }
    }

    #[test]
    fn digests_that_differ_in_what_is_kept_are_two() {
        let digest = |last| {
            let mut bytes = [7; 32];
            bytes[KEPT - 1] = last;
            Prefix::of(&KeyDigest::from_bytes(bytes))
        };
        assert_ne!(digest(0), digest(1));
    }
}
