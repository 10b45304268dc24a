//! What the contexts of a plugin share: the root and its requests.

use std::cell::Cell;
use std::rc::Rc;

use keystile_core::clock::Timestamp;
use keystile_core::config::{Config, InvalidConfig};
use keystile_core::feed::Reader;

use super::abi::{self, HostError};
use super::clock;
use super::follower::Follower;
use super::metrics::Metrics;

/// Where the proxy's VMs count themselves.
const COUNT: &str = "keystile-plugins";

/// How often it is tried to be the next one: each time it fails, another VM has succeeded.
const MOST_TRIES: usize = 64;

/// How many wake-ups are taken off the queue at once; more than one is there by mistake only.
const MOST_WAKE_UPS: usize = 16;

/// How often a root has ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Until the first, which asks for the first page. That does not happen in `on_configure`, which
    /// also runs in a VM that the proxy throws away at once.
    First,
    /// As often as a retry or a deadline needs.
    Usual,
    /// As soon as the worker has looked after others, with more of a page to take in. The queue
    /// would not do: Envoy calls a root for it before it looks at any socket again, so that all turns
    /// of a page would be one.
    Hurried,
}

/// What the contexts of a plugin share.
pub(super) struct Plugin {
    /// Its configuration.
    pub(super) config: Rc<Config>,
    /// The registry it follows.
    pub(super) follower: Rc<Follower>,
    /// The VM's metrics.
    pub(super) metrics: Rc<Metrics>,
    /// Its root context.
    pub(super) root: u32,
    /// What tells the plugin's root from any other of this proxy.
    name: String,
    /// The root's own queue: what is put there calls it, on this VM, outside of any request.
    queue: Cell<Option<u32>>,
    is_woken: Cell<bool>,
    /// `None` before the host has agreed to any.
    pace: Cell<Option<Pace>>,
    /// When it last looked at how the replica is doing.
    pub(super) looked_at: Cell<Timestamp>,
}

// === impl Pace ===

impl Pace {
    fn period_ms(self) -> u32 {
        match self {
            Self::First => 5,
            Self::Usual => 100,
            Self::Hurried => 1,
        }
    }
}

// === impl Plugin ===

impl Plugin {
    /// Parses the configuration of a root's plugin.
    pub(super) fn configure(text: &[u8], root: u32) -> Result<Self, InvalidConfig> {
        let config = Config::parse(text)?;
        let name = format!("{:x}-{:x}-{root}", clock::nanoseconds(), take_number());
        let reader = Reader {
            gateway: node_id(),
            vm: name.clone(),
        };
        let follower = Follower::of_registry(&config, reader);
        // A new follower is nobody's yet, and an old one keeps the wait it has.
        let _ = follower.with(|state| state.replica.limit_wait(config.max_stale_ms()));
        Ok(Self {
            config: Rc::new(config),
            follower,
            metrics: Metrics::of_vm(),
            root,
            name,
            queue: Cell::new(None),
            is_woken: Cell::new(false),
            pace: Cell::new(None),
            looked_at: Cell::new(Timestamp(0)),
        })
    }

    /// Has ticks come at this pace. What the host refuses is tried again when it is asked for again.
    pub(super) fn keep(&self, pace: Pace) -> Result<(), HostError> {
        if self.pace.get() == Some(pace) {
            return Ok(());
        }
        abi::set_tick_period(pace.period_ms())?;
        self.pace.set(Some(pace));
        Ok(())
    }

    /// Whether ticks come for a page that is being taken in.
    pub(super) fn is_hurried(&self) -> bool {
        self.pace.get() == Some(Pace::Hurried)
    }

    /// Registers the root's queue. Not to be called while the plugin is configured: a VM that the
    /// proxy throws away at once is configured too, and would take a queue along.
    ///
    /// One consumer per name is all a queue has, so the name is the root's alone.
    pub(super) fn register_queue(&self) {
        let queue = abi::register_queue(&format!("keystile-{}", self.name));
        self.queue.set(queue.ok());
    }

    /// Whether the root's queue is registered.
    pub(super) fn has_queue(&self) -> bool {
        self.queue.get().is_some()
    }

    /// Has the root do what is to be done, soon rather than with the next tick.
    pub(super) fn wake(&self) {
        if let Some(queue) = self.queue.get()
            && !self.is_woken.get()
        {
            let sent = abi::enqueue(queue, b"turn");
            self.is_woken.set(sent.is_ok());
        }
    }

    /// Takes what woke the root off its queue.
    pub(super) fn take_wake_ups(&self) {
        self.is_woken.set(false);
        let Some(queue) = self.queue.get() else {
            return;
        };
        for _ in 0..MOST_WAKE_UPS {
            if abi::dequeue(queue).is_err() {
                break;
            }
        }
    }
}

/// Returns a number that no other plugin of this proxy has: two workers start at the same moment.
fn take_number() -> u32 {
    for _ in 0..MOST_TRIES {
        let (number, cas) = abi::shared_data(COUNT).unwrap_or_default();
        let number = number.try_into().map_or(0, u32::from_le_bytes);
        let next = number.wrapping_add(1);
        match abi::set_shared_data(COUNT, &next.to_le_bytes(), cas) {
            Err(HostError::Contended) => {}
            Ok(()) | Err(_) => return next,
        }
    }
    0
}

/// Returns the node id of the proxy, as far as it can stand in a query.
fn node_id() -> String {
    let id = abi::property("xds\0node\0id").unwrap_or_default();
    id.into_iter()
        .take(128)
        .filter(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(byte))
        .map(char::from)
        .collect()
}
