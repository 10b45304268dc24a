//! Requests that the registry itself refused lately, by their ids, so that the number on an error can
//! be looked up. Kept in memory, and only the latest: a refusal must not cost a write.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::timestamp::Timestamp;

/// How many are kept.
const MOST: usize = 2000;

/// The longest path that is kept; ours are shorter.
const LONGEST_PATH: usize = 256;

/// The latest refusals of this process.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<VecDeque<Refusal>>);

/// A request that was refused. Neither its query nor its body is here: they may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The request's id, as the answer said it.
    pub request_id: String,
    /// When.
    pub at: Timestamp,
    /// What it wanted to do.
    pub method: String,
    /// With what.
    pub path: String,
    /// The status it was answered with.
    pub status: u16,
    /// Why, in the answer's words.
    pub detail: String,
    /// The address it came from.
    pub source: Option<String>,
}

// === impl Refusals ===

impl Refusals {
    /// Takes note of a refusal; the oldest one makes room.
    pub fn note(&self, mut refusal: Refusal) {
        refusal.path = refusal.path.chars().take(LONGEST_PATH).collect();
        let mut kept = self.lock();
        if kept.len() >= MOST {
            kept.pop_front();
        }
        kept.push_back(refusal);
    }

    /// Finds the refusal of a request.
    pub fn find(&self, request_id: &str) -> Option<Refusal> {
        let kept = self.lock();
        let mut latest = kept.iter().rev();
        latest
            .find(|refusal| refusal.request_id == request_id)
            .cloned()
    }

    /// Lists the latest refusals below a path, the last one first.
    pub fn latest(&self, below: &str, most: usize) -> Vec<Refusal> {
        let kept = self.lock();
        let found = kept.iter().rev().filter(|one| one.path.starts_with(below));
        found.take(most).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Refusal>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(number: usize) -> Refusal {
        Refusal {
            request_id: number.to_string(),
            at: Timestamp(0),
            method: "GET".to_owned(),
            path: format!("/{number}{}", "x".repeat(LONGEST_PATH)),
            status: 404,
            detail: String::new(),
            source: None,
        }
    }

    #[test]
    fn the_latest_are_found_and_the_oldest_make_room() {
        let refusals = Refusals::default();
        (0..=MOST).for_each(|number| refusals.note(refusal(number)));
        assert_eq!(refusals.find("0"), None);
        let found = refusals.find(&MOST.to_string()).unwrap();
        assert_eq!(found.path.len(), LONGEST_PATH, "nobody makes it grow");
        let latest = refusals.latest("/19", 2);
        let ids: Vec<_> = latest.iter().map(|one| one.request_id.as_str()).collect();
        assert_eq!(ids, ["1999", "1998"]);
    }
}
