//! Counts of decisions, and what of them makes a drill fail.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::fault::Fault;
use crate::truth::Verdict;

/// Decisions by what is to be thought of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// All of them.
    pub(crate) requests: usize,
    /// Somebody got in who may not.
    pub(crate) wrong_allows: usize,
    /// Somebody was refused (401 or 403) who may not be, or as somebody else.
    pub(crate) wrong_denies: usize,
    /// 503 or no answer, where what was known was not too old.
    pub(crate) undecided: usize,
}

/// What became of one kind of fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// How often it happened.
    pub(crate) times: usize,
    /// Decisions from its beginning until gateways had recovered.
    pub(crate) tally: Tally,
    /// How many changes the registry acknowledged meanwhile, and in the calm after it.
    pub(crate) changes: usize,
    /// How long after its end every worker knew what had happened since, at worst; [`None`] if one never
    /// did.
    pub(crate) recovery: Option<Duration>,
}

/// What a whole drill found.
#[derive(Debug, Clone)]
pub(crate) struct Results {
    /// What repeats its choices.
    pub(crate) seed: u64,
    /// By fault.
    pub(crate) rows: BTreeMap<Fault, Row>,
    /// While there was no fault, and gateways had recovered from the last one.
    pub(crate) calm: Tally,
    /// Wrong decisions, told in a line each.
    pub(crate) examples: Vec<String>,
    /// What else should not have happened.
    pub(crate) oddities: Vec<String>,
    /// How the disk got full.
    pub(crate) disk: Option<&'static str>,
    /// How long all of it took.
    pub(crate) took: Duration,
}

// === impl Tally ===

impl Tally {
    /// Counts a decision.
    pub(crate) fn add(&mut self, verdict: Verdict) {
        self.requests += 1;
        match verdict {
            Verdict::Right => {}
            Verdict::WrongAllow => self.wrong_allows += 1,
            Verdict::WrongDeny => self.wrong_denies += 1,
            Verdict::Undecided => self.undecided += 1,
        }
    }

    fn join(&mut self, other: Self) {
        self.requests += other.requests;
        self.wrong_allows += other.wrong_allows;
        self.wrong_denies += other.wrong_denies;
        self.undecided += other.undecided;
    }
}

// === impl Row ===

impl Row {
    /// Returns what became of a fault that has not happened yet.
    pub(crate) fn none() -> Self {
        Self {
            times: 0,
            tally: Tally::default(),
            changes: 0,
            recovery: Some(Duration::ZERO),
        }
    }

    /// Adds another time it happened.
    pub(crate) fn join(&mut self, other: &Self) {
        self.times += other.times;
        self.tally.join(other.tally);
        self.changes += other.changes;
        self.recovery = self.recovery.zip(other.recovery).map(|(a, b)| a.max(b));
    }

    fn failures(&self, fault: Fault) -> Vec<String> {
        let name = fault.name();
        let Tally {
            requests,
            wrong_allows,
            wrong_denies,
            undecided,
        } = self.tally;
        let stopped = if fault.may_close() { 0 } else { undecided };
        let mut failures = Vec::new();
        for (count, what) in [
            (wrong_allows, "wrong allows"),
            (wrong_denies, "wrong denies"),
            (
                stopped,
                "requests that were not decided, which it is no reason for",
            ),
            (
                usize::from(requests == 0),
                "no request at all: it shows nothing",
            ),
            (usize::from(self.recovery.is_none()), "no recovery"),
        ] {
            if count > 0 {
                failures.push(format!("{name}: {count} × {what}"));
            }
        }
        failures
    }
}

// === impl Results ===

impl Results {
    /// Returns the results of a drill that has just begun.
    pub(crate) fn of(seed: u64) -> Self {
        Self {
            seed,
            rows: BTreeMap::new(),
            calm: Tally::default(),
            examples: Vec::new(),
            oddities: Vec::new(),
            disk: None,
            took: Duration::ZERO,
        }
    }

    /// Returns why the drill has failed; nothing if it has not.
    pub(crate) fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        for (fault, row) in &self.rows {
            failures.extend(row.failures(*fault));
        }
        let calm = self.calm;
        for (count, what) in [
            (calm.wrong_allows, "wrong allows"),
            (calm.wrong_denies + calm.undecided, "wrong denies"),
            (usize::from(calm.requests == 0), "no request at all"),
        ] {
            if count > 0 {
                failures.push(format!("between faults: {count} × {what}"));
            }
        }
        failures.extend(self.oddities.iter().cloned());
        failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A drill that went well.
    fn good() -> Results {
        let tally = Tally {
            requests: 100,
            ..Tally::default()
        };
        let mut results = Results::of(7);
        results.calm = tally;
        for fault in [Fault::RegistryKilled, Fault::FilterTrapped] {
            let row = Row {
                times: 1,
                tally,
                changes: 3,
                recovery: Some(Duration::from_millis(20)),
            };
            results.rows.insert(fault, row);
        }
        results
    }

    fn with(fault: Fault, change: impl FnOnce(&mut Row)) -> Results {
        let mut results = good();
        change(results.rows.get_mut(&fault).unwrap());
        results
    }

    #[test]
    fn a_drill_fails_of_one_wrong_decision() {
        assert_eq!(good().failures(), Vec::<String>::new());
        for bad in [
            with(Fault::RegistryKilled, |row| row.tally.wrong_allows = 1),
            with(Fault::FilterTrapped, |row| row.tally.wrong_allows = 1),
            with(Fault::FilterTrapped, |row| row.tally.wrong_denies = 1),
            with(Fault::FilterTrapped, |row| row.recovery = None),
            with(Fault::RegistryKilled, |row| row.tally.requests = 0),
        ] {
            assert_eq!(bad.failures().len(), 1, "{bad:?}");
        }
    }

    #[test]
    fn only_some_faults_are_a_reason_not_to_decide() {
        let undecided = |row: &mut Row| row.tally.undecided = 1;
        assert_eq!(with(Fault::FilterTrapped, undecided).failures().len(), 0);
        assert_eq!(with(Fault::RegistryKilled, undecided).failures().len(), 1);
        let mut calm = good();
        calm.calm.undecided = 1;
        assert_eq!(calm.failures().len(), 1);
    }

    #[test]
    fn a_drill_without_calm_shows_nothing() {
        let mut results = good();
        results.calm.requests = 0;
        assert_eq!(results.failures().len(), 1);
    }

    #[test]
    fn of_several_times_the_worst_recovery_counts() {
        let mut row = Row::none();
        for (recovery, worst) in [(Some(2), Some(2)), (Some(1), Some(2)), (None, None)] {
            let recovery = recovery.map(Duration::from_secs);
            row.join(&Row {
                times: 1,
                recovery,
                ..Row::none()
            });
            assert_eq!(row.recovery, worst.map(Duration::from_secs));
        }
        assert_eq!(row.times, 3);
    }
}
