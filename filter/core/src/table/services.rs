//! Services by id and by name; there are few.

use std::collections::BTreeMap;
use std::rc::Rc;

use keystile_protocol::id::ServiceId;
use keystile_protocol::service::Service;

use super::Generation;

/// Services by id and by name.
#[derive(Debug, Default)]
pub(super) struct Services {
    by_id: BTreeMap<ServiceId, (Generation, Rc<Service>)>,
    by_name: BTreeMap<String, ServiceId>,
}

// === impl Services ===

impl Services {
    /// Adds a service or replaces the one with its id.
    pub(super) fn put(&mut self, service: Service, generation: Generation) {
        self.remove(service.id);
        self.by_name.insert(service.name.clone(), service.id);
        self.by_id
            .insert(service.id, (generation, Rc::new(service)));
    }

    /// Removes a service.
    pub(super) fn remove(&mut self, id: ServiceId) {
        if let Some((_, service)) = self.by_id.remove(&id)
            // A new service may have taken the name before the old one's removal came.
            && self.by_name.get(&service.name) == Some(&id)
        {
            self.by_name.remove(&service.name);
        }
    }

    /// Finds a service by name.
    pub(super) fn find_by_name(&self, name: &str) -> Option<&Rc<Service>> {
        let id = self.by_name.get(name)?;
        self.by_id.get(id).map(|(_, service)| service)
    }

    /// Removes what was written before a generation.
    pub(super) fn retain(&mut self, generation: Generation) {
        self.by_id.retain(|_, (written, _)| *written == generation);
        let by_id = &self.by_id;
        self.by_name.retain(|_, id| by_id.contains_key(id));
    }

    /// Counts the services.
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }
}
