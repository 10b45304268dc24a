//! Shared data and shared queues.

use proxy_wasm::hostcalls;

use super::{bytes, ended, found, readable, told};
use crate::plugin::Memory;

pub(super) fn perform(memory: &mut Memory, words: &[&str]) -> Option<String> {
    Some(match *words {
        ["shared", key] => told(hostcalls::get_shared_data(key), |(value, change)| {
            memory.changes.insert(key.to_owned(), change);
            value.map_or_else(|| "nothing".to_owned(), |value| readable(&value))
        }),
        ["share", key, value] => ended(hostcalls::set_shared_data(key, Some(&bytes(value)), None)),
        ["share-nothing", key] => ended(hostcalls::set_shared_data(key, None, None)),
        // With the number that `shared` read.
        ["share-if-unchanged", key, value] => {
            let change = memory.changes.get(key).copied().flatten();
            let result = hostcalls::set_shared_data(key, Some(&bytes(value)), change);
            ended(result)
        }
        ["share-if-change-is", key, value, change] => {
            let change = Some(super::number(change));
            ended(hostcalls::set_shared_data(key, Some(&bytes(value)), change))
        }
        ["register", name] => told(hostcalls::register_shared_queue(name), |queue| {
            memory.queues.insert(name.to_owned(), queue);
            "Ok".to_owned()
        }),
        ["resolve", vm_id, name] => told(hostcalls::resolve_shared_queue(vm_id, name), |queue| {
            let Some(queue) = queue else {
                return "nothing".to_owned();
            };
            memory.queues.insert(name.to_owned(), queue);
            "Ok".to_owned()
        }),
        ["enqueue", name, value] => {
            let value = bytes(value);
            ended(hostcalls::enqueue_shared_queue(
                queue(memory, name),
                Some(&value),
            ))
        }
        ["dequeue", name] => found(hostcalls::dequeue_shared_queue(queue(memory, name))),
        _ => return None,
    })
}

/// Returns a queue's number, or one that no queue has.
fn queue(memory: &Memory, name: &str) -> u32 {
    memory.queues.get(name).copied().unwrap_or(u32::MAX)
}
