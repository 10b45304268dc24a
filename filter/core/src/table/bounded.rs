//! A table that holds what was asked about, not everything: what differs.

use keystile_protocol::application::{Application, Credential};
use keystile_protocol::key::KeyDigest;
use keystile_protocol::state::Entry;

use crate::clock::Timestamp;

use super::Table;
use super::applications::{Applications, Keeps};
use super::credentials::Credentials;
use super::unknown::UnknownKeys;

/// Bounds of a table that holds what was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How many credentials it holds.
    pub max_entries: usize,
    /// How long a key is believed to be unknown, in milliseconds.
    pub negative_ttl_ms: u64,
}

/// What a bounded table has besides the records.
#[derive(Debug)]
pub(super) struct Bounded {
    bounds: Bounds,
    unknown: UnknownKeys,
}

// === impl Bounded ===

impl Bounded {
    /// Returns the bounds.
    pub(super) fn bounds(&self) -> Bounds {
        self.bounds
    }
}

// === impl Table ===

impl Table {
    /// Returns a table that holds what it is given to hold, and follows the feed for that alone.
    pub fn bounded(bounds: Bounds) -> Self {
        Self {
            applications: Applications::new(Keeps::Named),
            credentials: Credentials::with_recency(),
            bounded: Some(Bounded {
                bounds,
                unknown: UnknownKeys::default(),
            }),
            ..Self::default()
        }
    }

    /// Whether the table holds only what was asked about.
    pub fn is_bounded(&self) -> bool {
        self.bounded.is_some()
    }

    /// Holds a credential that was asked about; another one goes if there is no room.
    ///
    /// Only with facts that are not older than what the table follows: what became of them before
    /// will not be told again.
    pub fn hold(&mut self, credential: Credential, application: Application) {
        let Some(Bounded { bounds, .. }) = self.bounded else {
            return;
        };
        while self.credentials.len() >= bounds.max_entries {
            match self.credentials.evict() {
                Some(application) => self.applications.leave(application),
                None => return,
            }
        }
        self.put(Entry::Credential(credential));
        self.put(Entry::Application(application));
    }

    /// Takes note that nobody holds the key a digest stands for; the same holds as for facts.
    pub fn hold_unknown(&mut self, digest: KeyDigest, now: Timestamp) {
        if let Some(bounded) = &mut self.bounded {
            bounded.unknown.add(digest, now);
        }
    }

    /// Whether nobody held the key a moment ago, and nothing was heard of it since.
    pub fn is_unknown(&self, digest: &KeyDigest, now: Timestamp) -> bool {
        self.bounded.as_ref().is_some_and(|bounded| {
            let ttl_ms = bounded.bounds.negative_ttl_ms;
            bounded.unknown.contains(digest, now, ttl_ms)
        })
    }

    /// Whether an entry of the feed is about something held. A key that gets a credential is no
    /// longer unknown, whether that is held or not.
    pub(super) fn is_wanted(&mut self, entry: &Entry) -> bool {
        let Some(bounded) = &mut self.bounded else {
            return true;
        };
        match entry {
            Entry::Service(_) | Entry::Removed(_) => true,
            Entry::Application(application) => self.applications.is_named(application.id),
            Entry::Credential(credential) => {
                bounded.unknown.forget(&credential.digest);
                self.credentials.contains(credential.id)
            }
        }
    }

    /// Forgets which keys are unknown: any of them may be known to the history that begins.
    pub(super) fn forget_unknown(&mut self) {
        if let Some(bounded) = &mut self.bounded {
            bounded.unknown.clear();
        }
    }
}

#[cfg(test)]
mod tests;
