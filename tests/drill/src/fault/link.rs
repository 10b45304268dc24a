//! What a bad link does with the registry's answers.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use stage::relay::{Asked, Deed};

/// How long a slow link takes, each way: both ways twice are still less than what is promised.
const DELAY_MS: std::ops::Range<u64> = 50..200;

/// Hands everything on.
pub(super) fn sound(_asked: &Asked) -> Deed {
    Deed::HandOn
}

/// Hands everything on, late: questions and answers.
pub(super) fn slow(seed: u64) -> impl Fn(&Asked) -> Deed + Send + Sync + 'static {
    let chance = Mutex::new(fastrand::Rng::with_seed(seed));
    move |asked| {
        rest(&chance);
        let truth = asked.truth();
        rest(&chance);
        truth.map_or_else(|_| Deed::Cut(Vec::new()), |truth| Deed::repeat(&truth))
    }
}

/// Ends most answers somewhere in the middle: the connection closes, or nothing ever follows.
pub(super) fn half(seed: u64) -> impl Fn(&Asked) -> Deed + Send + Sync + 'static {
    let chance = Mutex::new(fastrand::Rng::with_seed(seed));
    move |asked| {
        let Ok(Deed::Say(mut bytes)) = asked.truth().map(|truth| Deed::repeat(&truth)) else {
            return Deed::Cut(Vec::new());
        };
        let mut chance = chance.lock().unwrap_or_else(PoisonError::into_inner);
        match chance.u8(..5) {
            0 => Deed::Say(bytes),
            1 | 2 => {
                bytes.truncate(chance.usize(..bytes.len().max(1)));
                Deed::Stall(bytes)
            }
            _ => {
                bytes.truncate(chance.usize(..bytes.len().max(1)));
                Deed::Cut(bytes)
            }
        }
    }
}

fn rest(chance: &Mutex<fastrand::Rng>) {
    let drawn = chance.lock().map(|mut chance| chance.u64(DELAY_MS));
    thread::sleep(Duration::from_millis(drawn.unwrap_or_default()));
}
