//! What this VM knows of services, applications and credentials.
//!
//! Built for a million credentials of at most 96 bytes each, without a call that stalls a worker:
//! records live in segments that never move, indexes are split so that no single growth is long,
//! and what a restart of the feed leaves behind is swept in slices.
//!
//! It holds everything the registry knows, or, if it is `bounded`, what was asked about.

mod applications;
mod bounded;
mod credentials;
mod index;
mod recency;
mod services;
mod slab;
mod unknown;

use std::rc::Rc;

use keystile_protocol::application::Application;
use keystile_protocol::id::{ApplicationId, CredentialId};
use keystile_protocol::key::KeyDigest;
use keystile_protocol::service::Service;
use keystile_protocol::state::{Entry, Removed};

use applications::Applications;
use bounded::Bounded;
use credentials::Credentials;
use services::Services;
use slab::Slot;

pub use bounded::Bounds;

/// Services, applications and credentials by what requests and the feed know them by.
#[derive(Debug, Default)]
pub struct Table {
    generation: Generation,
    services: Services,
    applications: Applications,
    credentials: Credentials,
    sweep: Sweep,
    bounded: Option<Bounded>,
}

/// Who holds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder<'a> {
    /// The credential the key belongs to.
    pub credential: CredentialId,
    /// When it stops being valid, in milliseconds since the Unix epoch.
    pub expires_at_ms: Option<i64>,
    /// The application it stands for.
    pub application: &'a Application,
}

/// How many things a table holds, those that are forgotten but not swept yet included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Services.
    pub services: usize,
    /// Applications.
    pub applications: usize,
    /// Credentials.
    pub credentials: usize,
}

/// How often the feed had started over when something was written: in two bytes, which are there a
/// million times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Generation(u16);

/// How far the freeing of what is forgotten has come.
#[derive(Debug, Default)]
enum Sweep {
    #[default]
    Done,
    Due,
    Credentials(Slot),
    Applications(Slot),
}

// === impl Table ===

impl Table {
    /// Takes in one entry of the feed.
    pub fn apply(&mut self, entry: Entry) {
        if self.is_wanted(&entry) {
            self.put(entry);
        }
    }

    /// Forgets what is not applied again from here on.
    ///
    /// Applications and credentials are unknown at once: their removal may have been missed.
    /// Services stay until the sweep, so that requests can still be told to come back.
    pub fn start_over(&mut self) {
        match self.generation.next() {
            Some(next) => self.generation = next,
            // Something that was never swept would be of the present again.
            None => self.clear(),
        }
        self.sweep = Sweep::Due;
        self.forget_unknown();
    }

    /// Frees what is forgotten among the next `records` records.
    ///
    /// Only for a table that is complete: until then, what is not there may be about to come.
    pub fn sweep(&mut self, records: usize) {
        for _ in 0..records {
            self.sweep = match core::mem::take(&mut self.sweep) {
                Sweep::Done => return,
                Sweep::Due => {
                    let left = self.services.retain(self.generation);
                    self.leave_all(left);
                    Sweep::Credentials(Slot::FIRST)
                }
                Sweep::Credentials(slot) => self.sweep_credential(slot),
                Sweep::Applications(slot) => self.sweep_application(slot),
            }
        }
    }

    /// Finds a service by the name in route metadata.
    pub fn find_service(&self, name: &str) -> Option<&Rc<Service>> {
        self.services.find_by_name(name)
    }

    /// Lists the services.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.iter()
    }

    /// Finds an application by id.
    pub fn find_application(&self, id: ApplicationId) -> Option<&Application> {
        self.applications.find(id, self.generation)
    }

    /// Finds who holds the key a digest stands for.
    ///
    /// A credential whose application has not come yet is unknown until it comes.
    pub fn find_holder(&self, digest: &KeyDigest) -> Option<Holder<'_>> {
        let credential = self.credentials.find(digest, self.generation)?;
        Some(Holder {
            credential: credential.id,
            expires_at_ms: credential.expires_at_ms(),
            application: self
                .applications
                .lookup(credential.application, self.generation)?,
        })
    }

    /// Counts what is held.
    pub fn counts(&self) -> Counts {
        Counts {
            services: self.services.len(),
            applications: self.applications.len(),
            credentials: self.credentials.len(),
        }
    }

    fn clear(&mut self) {
        *self = match self.bounded.take() {
            Some(bounded) => Self::bounded(bounded.bounds()),
            None => Self::default(),
        };
    }

    fn put(&mut self, entry: Entry) {
        match entry {
            Entry::Service(service) => {
                let anonymous = service.key_auth.anonymous;
                let _ = anonymous.and_then(|id| self.applications.join(id));
                let left = self.services.put(service, self.generation);
                self.leave_all(left);
            }
            Entry::Application(application) => {
                self.applications.put(application, self.generation);
            }
            Entry::Credential(credential) => {
                let application = self.applications.join(credential.application);
                let replaced = self
                    .credentials
                    .put(&credential, application, self.generation);
                replaced
                    .into_iter()
                    .flatten()
                    .for_each(|slot| self.applications.leave(slot));
            }
            Entry::Removed(Removed::Service(id)) => {
                let left = self.services.remove(id);
                self.leave_all(left);
            }
            Entry::Removed(Removed::Application(id)) => {
                if self.applications.remove(id) > 0 {
                    self.sweep = Sweep::Due;
                }
            }
            Entry::Removed(Removed::Credential(id)) => {
                if let Some(application) = self.credentials.remove(id) {
                    self.applications.leave(application);
                }
            }
        }
    }

    fn leave_all(&mut self, named: Vec<ApplicationId>) {
        for id in named {
            self.applications.leave_by_id(id);
        }
    }

    fn sweep_credential(&mut self, slot: Slot) -> Sweep {
        if self.credentials.is_past(slot) {
            return Sweep::Applications(Slot::FIRST);
        }
        let is_alive = |application| {
            self.applications
                .lookup(application, self.generation)
                .is_some()
        };
        if let Some(application) = self.credentials.sweep(slot, self.generation, is_alive) {
            self.applications.leave(application);
        }
        Sweep::Credentials(slot.next())
    }

    fn sweep_application(&mut self, slot: Slot) -> Sweep {
        if self.applications.is_past(slot) {
            return Sweep::Done;
        }
        self.applications.sweep(slot, self.generation);
        Sweep::Applications(slot.next())
    }
}

// === impl Generation ===

impl Generation {
    fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

#[cfg(test)]
mod tests;
