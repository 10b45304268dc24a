//! The contexts of this VM, and what the proxy tells each of them.
//!
//! With every callback the proxy names a context by its number. One that nobody has is no reason to
//! trap: it configures nothing, counts nothing and lets nothing through.

use std::cell::RefCell;
use std::rc::Rc;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use keystile_core::exchange::Rest;

use super::carry_out::fail_closed;
use super::http::{Action, Http};
use super::plugin::Plugin;
use super::root::{self, Root};

thread_local! {
    /// One for each plugin, two while its configuration is replaced.
    static ROOTS: RefCell<Vec<Root>> = const { RefCell::new(Vec::new()) };
    static REQUESTS: RefCell<HashTable<Http>> = const { RefCell::new(HashTable::new()) };
}

/// Takes in a new context: a request's, or a plugin's own, which has no root.
pub(super) fn on_create(context_id: u32, root: u32) {
    if root == 0 {
        with_roots(|roots| roots.push(Root::new(context_id)));
    } else {
        let request = Http::new(context_id, find_plugin(root));
        with_requests(|requests| add(requests, request));
    }
}

/// Configures a plugin with so many bytes; returns whether it can work.
pub(super) fn on_configure(context_id: u32, size: usize) -> bool {
    let configured = with_roots(|roots| {
        let root = roots.iter_mut().find(|root| root.is(context_id))?;
        Some(root.on_configure(size))
    });
    configured.flatten() == Some(true)
}

/// Lets a plugin do what is due.
pub(super) fn on_tick(context_id: u32) {
    if let Some(plugin) = find_plugin(context_id) {
        root::on_tick(&plugin);
    }
}

/// Lets a plugin do what it was woken for.
pub(super) fn on_queue_ready(context_id: u32) {
    if let Some(plugin) = find_plugin(context_id) {
        plugin.wake_up();
    }
}

/// Takes in the answer to a callout; `sizes` are the number of headers and the length of the body.
pub(super) fn on_http_call_response(context_id: u32, token: u32, sizes: (usize, usize)) {
    if let Some(plugin) = find_plugin(context_id) {
        root::on_http_call_response(&plugin, token, sizes);
    }
}

/// Takes in a request's head.
pub(super) fn on_head(context_id: u32, rest: Rest) -> Action {
    with_request(context_id, |request| request.on_head(rest)).unwrap_or_else(|| {
        fail_closed();
        Action::Pause
    })
}

/// Takes in more of a request's body, of which there are so many bytes now.
pub(super) fn on_body(context_id: u32, size: usize, rest: Rest) -> Action {
    with_request(context_id, |request| request.on_body(size, rest)).unwrap_or(Action::Pause)
}

/// Takes in a request's trailers.
pub(super) fn on_trailers(context_id: u32) -> Action {
    with_request(context_id, Http::on_trailers).unwrap_or(Action::Pause)
}

/// Forgets a context: its request is over, or its plugin is no longer wanted.
pub(super) fn on_delete(context_id: u32) {
    let request = with_requests(|requests| {
        let found = requests.find_entry(hash_of(context_id), |request| {
            request.context_id() == context_id
        });
        found.ok().map(|entry| entry.remove().0)
    });
    if request.flatten().is_none() {
        let gone = with_roots(|roots| {
            let index = roots.iter().position(|root| root.is(context_id))?;
            Some(roots.swap_remove(index))
        });
        // What it does last, it does when nothing is borrowed.
        drop(gone);
    }
}

fn find_plugin(root: u32) -> Option<Rc<Plugin>> {
    let plugin = |roots: &mut Vec<Root>| roots.iter().find(|other| other.is(root))?.plugin();
    with_roots(plugin).flatten()
}

fn with_request(context_id: u32, act: impl FnOnce(&mut Http) -> Action) -> Option<Action> {
    let acted = with_requests(|requests| {
        let found = requests.find_mut(hash_of(context_id), |request| {
            request.context_id() == context_id
        });
        found.map(act)
    });
    acted.flatten()
}

fn add(requests: &mut HashTable<Http>, request: Http) {
    let context_id = request.context_id();
    let is_it = |other: &Http| other.context_id() == context_id;
    let hash = |other: &Http| hash_of(other.context_id());
    match requests.entry(hash_of(context_id), is_it, hash) {
        Entry::Occupied(mut entry) => *entry.get_mut() = request,
        Entry::Vacant(entry) => {
            entry.insert(request);
        }
    }
}

/// Returns a hash: the proxy counts contexts, and nobody outside chooses their numbers.
fn hash_of(context_id: u32) -> u64 {
    u64::from(context_id).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn with_requests<R>(act: impl FnOnce(&mut HashTable<Http>) -> R) -> Option<R> {
    REQUESTS.with(|requests| requests.try_borrow_mut().ok().map(|mut all| act(&mut all)))
}

fn with_roots<R>(act: impl FnOnce(&mut Vec<Root>) -> R) -> Option<R> {
    ROOTS.with(|roots| roots.try_borrow_mut().ok().map(|mut all| act(&mut all)))
}
