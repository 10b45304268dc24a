//! Random histories told in random order, with pages lost, late and twice: what a machine believes
//! in the end is what the registry keeps.

use keystile_registry::domain::credential::Credential;
use keystile_registry::storage::credential;
use proxy_wasm_harness::CalloutAnswer;

use cases::resident::{Reading, draft};

use crate::feed::poll_after;
use crate::world::{LONGEST_PAUSE, ORDERS, World};

const KEYS: usize = 5;
const HISTORIES: u64 = 6;
const STEPS: usize = 60;

/// Xorshift64: the same histories every time.
struct Random(u64);

// === impl Random ===

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

#[test]
fn whatever_order_pages_come_in_the_end_is_what_the_registry_keeps() {
    for seed in 1..=HISTORIES {
        let mut history = History::begin(seed);
        for _ in 0..STEPS {
            history.step();
        }
        history.end(seed);
    }
}

/// A history that is happening.
struct History {
    world: World,
    random: Random,
    keys: Vec<Credential>,
    told: Vec<CalloutAnswer>,
}

// === impl History ===

impl History {
    fn begin(seed: u64) -> Self {
        let mut world = World::complete();
        let registry = std::sync::Arc::clone(&world.registry);
        let application = world.catalogue.ada.application.id;
        let keys: Vec<_> = (0..KEYS)
            .map(|number| {
                let key = format!("the-key-number-{number}");
                draft::credential(&registry.registry, application, &key).unwrap()
            })
            .collect();
        world.change(async |_, write| {
            for key in &keys {
                credential::add(write, key).await.unwrap();
            }
        });
        // From here on nothing is answered unless a step does it.
        world.lie(|callout| {
            let is_feed = callout.path().and_then(Reading::parse).is_some();
            is_feed.then_some(CalloutAnswer::Pending)
        });
        Self {
            world,
            random: Random(seed * 7919),
            keys,
            told: Vec::new(),
        }
    }

    fn step(&mut self) {
        match self.random.below(8) {
            0..=2 => self.change(),
            3 | 4 => self.tell(0),
            5 => {
                let ahead = 1 + self.random.below(2);
                self.tell(i64::try_from(ahead).unwrap());
            }
            6 => self.repeat(),
            _ => self.lose(),
        }
        self.world.assert_alive();
    }

    /// Suspends a key, or lets it go on.
    fn change(&mut self) {
        let index = self.random.below(KEYS);
        let key = &mut self.keys[index];
        key.suspended_at = match key.suspended_at {
            None => Some(key.created_at),
            Some(_) => None,
        };
        let changed = key.clone();
        self.world.change_silently(async |_, write| {
            credential::update(write, &changed).await.unwrap();
        });
    }

    /// Answers the poll under way, as if it were so many revisions further.
    fn tell(&mut self, ahead: i64) {
        let poll = self.world.open_poll();
        let asked = poll_after(&poll, ahead);
        let answer = self.world.uplink.answer(&asked);
        if matches!(answer, CalloutAnswer::Response(_)) {
            self.told.push(answer.clone());
            self.world.vm.answer(poll.token, answer);
            self.wait();
        }
    }

    /// Answers the poll under way with an old answer.
    fn repeat(&mut self) {
        if self.told.is_empty() {
            return;
        }
        let index = self.random.below(self.told.len());
        let poll = self.world.open_poll();
        self.world.vm.answer(poll.token, self.told[index].clone());
        self.wait();
    }

    fn lose(&mut self) {
        let poll = self.world.open_poll();
        self.world.vm.answer(poll.token, CalloutAnswer::Reset);
        self.wait();
    }

    /// Waits until the machine asks again.
    fn wait(&mut self) {
        self.world.pass(LONGEST_PAUSE);
    }

    fn end(&mut self, seed: u64) {
        self.world.be_honest();
        self.world.vm.offer_callouts_again();
        self.wait();
        for (number, key) in self.keys.iter().enumerate() {
            let status = self
                .world
                .status(ORDERS, &format!("the-key-number-{number}"));
            let expected = if key.suspended_at.is_none() { 200 } else { 401 };
            assert_eq!(status, Some(expected), "history {seed}, key {number}");
        }
    }
}
