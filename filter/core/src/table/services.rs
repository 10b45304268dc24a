//! Services by name; there are few, and they seldom change.

use std::collections::BTreeMap;
use std::rc::Rc;

use keystile_protocol::id::{ApplicationId, ServiceId};
use keystile_protocol::service::Service;

use super::Generation;

/// Services by name.
#[derive(Debug, Default)]
pub(super) struct Services {
    by_name: BTreeMap<String, (Generation, Rc<Service>)>,
}

// === impl Services ===

impl Services {
    /// Adds a service or replaces those with its id or name; returns the applications that a
    /// service less names.
    pub(super) fn put(&mut self, service: Service, generation: Generation) -> Vec<ApplicationId> {
        let mut left = self.remove(service.id);
        let name = service.name.clone();
        let renamed = self.by_name.insert(name, (generation, Rc::new(service)));
        left.extend(renamed.and_then(|(_, service)| service.key_auth.anonymous));
        left
    }

    /// Removes a service; returns the applications that a service less names.
    pub(super) fn remove(&mut self, id: ServiceId) -> Vec<ApplicationId> {
        self.take_out(|_, service| service.id == id)
    }

    /// Finds a service by name.
    pub(super) fn find_by_name(&self, name: &str) -> Option<&Rc<Service>> {
        self.by_name.get(name).map(|(_, service)| service)
    }

    /// Lists the services.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Service> {
        self.by_name.values().map(|(_, service)| service.as_ref())
    }

    /// Removes what was written before a generation; returns the applications that a service less
    /// names.
    pub(super) fn retain(&mut self, generation: Generation) -> Vec<ApplicationId> {
        self.take_out(|written, _| written != generation)
    }

    /// Counts the services.
    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    fn take_out(&mut self, is_gone: impl Fn(Generation, &Service) -> bool) -> Vec<ApplicationId> {
        let mut left = Vec::new();
        self.by_name.retain(|_, (written, service)| {
            let is_gone = is_gone(*written, service);
            if is_gone {
                left.extend(service.key_auth.anonymous);
            }
            !is_gone
        });
        left
    }
}
