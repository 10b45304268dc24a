//! How often something may be tried: an allowance that is used up by trying and fills up with time.
//!
//! An allowance is one moment, the one at which it is full again (the generic cell rate algorithm,
//! ITU-T I.371, annex A), so forgetting a full one loses nothing.

use std::collections::HashMap;

use crate::domain::timestamp::Timestamp;

const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * SECOND_MS;

/// How many allowances are remembered; beyond it those that are nearly full are forgotten.
const MOST_REMEMBERED: usize = 50_000;

/// What is tried, and so how large the allowance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Passwords for one account, by whoever never logged in to it.
    AccountPassword,
    /// Passwords for one account, by a browser that was logged in to it before.
    DevicePassword,
    /// Wrong passwords from one network.
    NetworkPassword,
    /// Sign-ups and requests for links from one network.
    NetworkMail,
    /// Mails with links to one address.
    Mail,
    /// Requests of any kind from one network.
    NetworkRequest,
}

/// One try: what, and by whom or at what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Try {
    /// What.
    pub limit: Limit,
    /// By whom, or at what.
    pub subject: String,
}

/// There were too many tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; try again in {} s", self.retry_after_s())]
pub struct TooManyTries {
    retry_after_ms: i64,
}

/// What everybody has left.
#[derive(Debug, Default)]
pub struct Allowances(HashMap<Try, Timestamp>);

// === impl Limit ===

impl Limit {
    /// Returns how many tries there are at once, and how long it takes to get one back.
    const fn rate(self) -> (i64, i64) {
        match self {
            // A thousand guesses take most of a day.
            Self::AccountPassword | Self::DevicePassword => (10, MINUTE_MS),
            // Many people may share an address.
            Self::NetworkPassword => (50, 10 * SECOND_MS),
            Self::NetworkMail => (30, MINUTE_MS),
            Self::Mail => (5, 5 * MINUTE_MS),
            // Fifty a second for as long as they like: more than an office full of people clicks.
            Self::NetworkRequest => (1000, SECOND_MS / 50),
        }
    }
}

// === impl TooManyTries ===

impl TooManyTries {
    /// Returns after how many seconds another try is allowed.
    pub const fn retry_after_s(self) -> i64 {
        (self.retry_after_ms + SECOND_MS - 1) / SECOND_MS
    }
}

// === impl Allowances ===

impl Allowances {
    /// Takes tries off their allowances: all of them, or none if one is used up.
    pub fn take(&mut self, tries: &[Try], now: Timestamp) -> Result<(), TooManyTries> {
        let waits = tries.iter().map(|one| self.wait_ms(one, now));
        let retry_after_ms = waits.max().unwrap_or_default();
        if retry_after_ms > 0 {
            return Err(TooManyTries { retry_after_ms });
        }
        self.make_room(now);
        for one in tries {
            let full_at = self.full_at(one, now).plus_ms(one.limit.rate().1);
            self.0.insert(one.clone(), full_at);
        }
        Ok(())
    }

    /// Gives tries back that turned out to be none.
    pub fn give_back(&mut self, tries: &[Try]) {
        for one in tries {
            if let Some(full_at) = self.0.get_mut(one) {
                *full_at = full_at.plus_ms(-one.limit.rate().1);
            }
        }
    }

    fn wait_ms(&self, one: &Try, now: Timestamp) -> i64 {
        let (burst, interval) = one.limit.rate();
        let earliest = self.full_at(one, now).plus_ms(-(burst - 1) * interval);
        earliest.0 - now.0
    }

    fn full_at(&self, one: &Try, now: Timestamp) -> Timestamp {
        self.0.get(one).map_or(now, |full_at| (*full_at).max(now))
    }

    /// Forgets the full ones when there are too many, and those that are full soonest if that is not
    /// enough: whoever tries very many names makes room for them at the cost of the least used.
    fn make_room(&mut self, now: Timestamp) {
        if self.0.len() < MOST_REMEMBERED {
            return;
        }
        self.0.retain(|_, full_at| *full_at > now);
        if self.0.len() < MOST_REMEMBERED {
            return;
        }
        let mut moments: Vec<_> = self.0.values().copied().collect();
        let half = moments.len() / 2;
        let (_, median, _) = moments.select_nth_unstable(half);
        let median = *median;
        self.0.retain(|_, full_at| *full_at > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn password(subject: impl Into<String>) -> Try {
        Try {
            limit: Limit::AccountPassword,
            subject: subject.into(),
        }
    }

    fn exhausted() -> Allowances {
        let mut allowances = Allowances::default();
        for _ in 0..10 {
            allowances.take(&[password("ada")], NOW).unwrap();
        }
        allowances
    }

    #[test]
    fn an_allowance_is_used_up_and_fills_up_with_time() {
        let mut allowances = exhausted();
        let refused = allowances.take(&[password("ada")], NOW).unwrap_err();
        assert_eq!(refused.retry_after_s(), 60);
        let later = NOW.plus_ms(MINUTE_MS);
        assert!(allowances.take(&[password("ada")], later).is_ok());
        assert!(allowances.take(&[password("ada")], later).is_err());
    }

    #[test]
    fn an_allowance_is_never_larger_than_it_was() {
        let mut allowances = exhausted();
        let next_day = NOW.plus_ms(24 * 60 * MINUTE_MS);
        for _ in 0..10 {
            allowances.take(&[password("ada")], next_day).unwrap();
        }
        assert!(allowances.take(&[password("ada")], next_day).is_err());
    }

    #[test]
    fn whoever_is_refused_loses_nothing_elsewhere() {
        let mut allowances = exhausted();
        for _ in 0..100 {
            let both = [password("ada"), password("bob")];
            assert!(allowances.take(&both, NOW).is_err());
        }
        assert!(allowances.take(&[password("bob")], NOW).is_ok());
    }

    #[test]
    fn a_try_that_was_none_is_given_back() {
        let mut allowances = exhausted();
        allowances.give_back(&[password("ada")]);
        assert!(allowances.take(&[password("ada")], NOW).is_ok());
        assert!(allowances.take(&[password("ada")], NOW).is_err());
    }

    #[test]
    fn a_flood_of_names_is_forgotten_before_an_account_under_attack() {
        let mut allowances = exhausted();
        for number in 0..2 * MOST_REMEMBERED {
            let name = password(number.to_string());
            allowances.take(&[name], NOW).unwrap();
        }
        assert!(allowances.0.len() <= MOST_REMEMBERED);
        assert!(allowances.take(&[password("ada")], NOW).is_err());
    }
}
