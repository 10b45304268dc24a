//! A registry as all contexts of a VM share it.
//!
//! It outlives a change of the plugin configuration: the new root is there before the old one goes.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use keystile_core::checks::{Queued, Waiter};
use keystile_core::clock::Timestamp;
use keystile_core::config::{Config, RegistryAddress};
use keystile_core::exchange::{AwaitingCheck, View};
use keystile_core::feed::Reader;
use keystile_core::replica::Replica;
use keystile_core::table::Bounds;
use keystile_protocol::key::KeyDigest;

use super::clock;

/// A registry as all contexts of a VM share it.
pub(super) struct Follower {
    address: RegistryAddress,
    bounds: Option<Bounds>,
    state: RefCell<State>,
}

/// What a follower knows and waits for.
pub(super) struct State {
    /// What is known of the registry.
    pub(super) replica: Replica,
    /// Callouts without an answer: the feed's and a few about keys.
    calls: Vec<Call>,
    held: BTreeMap<u32, Held>,
    /// Requests that wait for nothing but their turn to go.
    due: VecDeque<u32>,
}

/// A callout without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Call {
    /// What its answer is known by.
    pub(super) token: u32,
    /// The root context whose callout it is.
    pub(super) root: u32,
    /// What it asks.
    pub(super) about: About,
}

/// What a callout asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// What has changed.
    Feed,
    /// What is known of a key.
    Key(KeyDigest),
}

/// A request held until the registry has answered.
pub(super) struct Held {
    /// What it becomes then.
    pub(super) request: Box<AwaitingCheck>,
    /// The configuration it is decided by.
    pub(super) config: Rc<Config>,
    /// What its own context sees of it.
    pub(super) gate: Rc<Cell<Gate>>,
}

/// What the context of a held request does with what arrives of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Hold it too.
    Held,
    /// Let it through.
    Open,
    /// Keep it: the request has been answered.
    Shut,
}

thread_local! {
    static FOLLOWERS: RefCell<Vec<Weak<Follower>>> = const { RefCell::new(Vec::new()) };
}

// === impl Follower ===

impl Follower {
    /// Returns the VM's follower of a plugin's registry, a new one if it has none yet.
    ///
    /// One that holds everything and one that holds a part cannot be the same, nor can two parts
    /// that are bounded differently.
    pub(super) fn of_registry(config: &Config, reader: Reader) -> Rc<Self> {
        FOLLOWERS.with(|followers| {
            let Ok(mut followers) = followers.try_borrow_mut() else {
                return Rc::new(Self::new(config, reader));
            };
            followers.retain(|follower| follower.strong_count() > 0);
            let known = followers
                .iter()
                .filter_map(Weak::upgrade)
                .find(|follower| follower.is_of(config));
            known.unwrap_or_else(|| {
                let follower = Rc::new(Self::new(config, reader));
                followers.push(Rc::downgrade(&follower));
                follower
            })
        })
    }

    /// Reads or changes the state; `None` while someone else does, which is never waited for.
    ///
    /// Nothing in `change` may call the host in a way that comes back to this VM.
    pub(super) fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> Option<R> {
        self.state
            .try_borrow_mut()
            .ok()
            .map(|mut state| change(&mut state))
    }

    fn new(config: &Config, reader: Reader) -> Self {
        let bounds = config.bounds();
        let seed = clock::nanoseconds();
        Self {
            address: config.registry.clone(),
            bounds,
            state: RefCell::new(State {
                replica: match bounds {
                    None => Replica::new(reader, seed),
                    Some(bounds) => Replica::on_demand(bounds, reader, seed),
                },
                calls: Vec::new(),
                held: BTreeMap::new(),
                due: VecDeque::new(),
            }),
        }
    }

    fn is_of(&self, config: &Config) -> bool {
        let address = &config.registry;
        self.address.cluster == address.cluster
            && self.address.authority == address.authority
            && self.bounds == config.bounds()
    }
}

// === impl State ===

impl State {
    /// Returns what a request is decided by.
    pub(super) fn view<'a>(&'a self, config: &'a Config, now: Timestamp) -> View<'a> {
        View {
            config,
            replica: &self.replica,
            now,
        }
    }

    /// Holds a request, or gives it back if too many wait.
    pub(super) fn hold(&mut self, held: Held, waiter: Waiter) -> Result<Queued, Held> {
        let digest = held.request.digest;
        let queued = self
            .replica
            .checks
            .wait(digest, held.request.service(), waiter);
        if queued == Queued::Crowded {
            return Err(held);
        }
        self.held.insert(waiter.context_id, held);
        Ok(queued)
    }

    /// Takes a held request out.
    pub(super) fn take(&mut self, context_id: u32) -> Option<Held> {
        self.held.remove(&context_id)
    }

    /// Adds requests to those that are due, and takes the first of them out.
    pub(super) fn take_due(&mut self, waiters: &[Waiter], most: usize) -> Vec<u32> {
        self.due
            .extend(waiters.iter().map(|waiter| waiter.context_id));
        let count = self.due.len().min(most);
        self.due.drain(..count).collect()
    }

    /// Whether requests wait for their turn to go.
    pub(super) fn has_due(&self) -> bool {
        !self.due.is_empty()
    }

    /// Lets a held request go whose client has left.
    pub(super) fn forget(&mut self, context_id: u32) {
        if let Some(held) = self.take(context_id) {
            self.replica.checks.leave(&held.request.digest, context_id);
        }
    }

    /// Takes note of a callout.
    pub(super) fn await_answer(&mut self, call: Call) {
        self.calls.push(call);
    }

    /// Takes a callout out whose answer has come.
    pub(super) fn take_call(&mut self, token: u32) -> Option<Call> {
        let index = self.calls.iter().position(|call| call.token == token)?;
        Some(self.calls.swap_remove(index))
    }

    /// Takes the callouts of a root out that is gone: their answers will never come.
    pub(super) fn take_calls_of(&mut self, root: u32) -> Vec<Call> {
        let calls = core::mem::take(&mut self.calls);
        let (gone, kept) = calls.into_iter().partition(|call| call.root == root);
        self.calls = kept;
        gone
    }
}
