//! Shared queues: one consumer each, the last one to register.

use std::collections::{BTreeMap, VecDeque};

use crate::abi::status::Status;

/// All queues by token, and the notices each virtual machine has yet to see.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    tokens: BTreeMap<(String, Vec<u8>), u32>,
    by_token: BTreeMap<u32, Queue>,
    notices: BTreeMap<u64, VecDeque<Notice>>,
}

/// Tells a root context that a queue has something for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) root: u32,
    pub(crate) queue: u32,
}

/// The root context that is told about a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Consumer {
    pub(crate) vm: u64,
    pub(crate) root: u32,
}

#[derive(Debug)]
struct Queue {
    consumer: Consumer,
    items: VecDeque<Vec<u8>>,
}

impl Queues {
    /// Makes `consumer` the one that is told about this queue; what is queued stays.
    pub(crate) fn register(&mut self, vm_id: &str, name: &[u8], consumer: Consumer) -> u32 {
        let next = u32::try_from(self.tokens.len()).map_or(u32::MAX, |count| count + 1);
        let key = (vm_id.to_owned(), name.to_vec());
        let token = *self.tokens.entry(key).or_insert(next);
        let items = VecDeque::new();
        let queue = self
            .by_token
            .entry(token)
            .or_insert(Queue { consumer, items });
        queue.consumer = consumer;
        token
    }

    pub(crate) fn resolve(&self, vm_id: &str, name: &[u8]) -> Result<u32, Status> {
        let token = self.tokens.get(&(vm_id.to_owned(), name.to_vec()));
        token.copied().ok_or(Status::NotFound)
    }

    /// Queues an item; its consumer learns of it after the running callback.
    pub(crate) fn enqueue(&mut self, token: u32, item: &[u8]) -> Result<(), Status> {
        let queue = self.by_token.get_mut(&token).ok_or(Status::NotFound)?;
        queue.items.push_back(item.to_vec());
        let Consumer { vm, root } = queue.consumer;
        let notices = self.notices.entry(vm).or_default();
        notices.push_back(Notice { root, queue: token });
        Ok(())
    }

    pub(crate) fn dequeue(&mut self, token: u32) -> Result<Vec<u8>, Status> {
        let queue = self.by_token.get_mut(&token).ok_or(Status::NotFound)?;
        queue.items.pop_front().ok_or(Status::Empty)
    }

    pub(crate) fn next_notice(&mut self, vm: u64) -> Option<Notice> {
        self.notices.get_mut(&vm)?.pop_front()
    }
}
