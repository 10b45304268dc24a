//! Services by name; there are few, and they seldom change.

use std::collections::BTreeMap;
use std::rc::Rc;

use keystile_protocol::id::ServiceId;
use keystile_protocol::service::Service;

use super::Generation;

/// Services by name.
#[derive(Debug, Default)]
pub(super) struct Services {
    by_name: BTreeMap<String, (Generation, Rc<Service>)>,
}

// === impl Services ===

impl Services {
    /// Adds a service or replaces the one with its id.
    pub(super) fn put(&mut self, service: Service, generation: Generation) {
        self.remove(service.id);
        let name = service.name.clone();
        self.by_name.insert(name, (generation, Rc::new(service)));
    }

    /// Removes a service.
    pub(super) fn remove(&mut self, id: ServiceId) {
        self.by_name.retain(|_, (_, service)| service.id != id);
    }

    /// Finds a service by name.
    pub(super) fn find_by_name(&self, name: &str) -> Option<&Rc<Service>> {
        self.by_name.get(name).map(|(_, service)| service)
    }

    /// Lists the services.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Service> {
        self.by_name.values().map(|(_, service)| service.as_ref())
    }

    /// Removes what was written before a generation.
    pub(super) fn retain(&mut self, generation: Generation) {
        self.by_name
            .retain(|_, (written, _)| *written == generation);
    }

    /// Counts the services.
    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }
}
