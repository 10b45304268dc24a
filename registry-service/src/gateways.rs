//! The gateways that follow this process: what each of their virtual machines knows, and how it is
//! doing. Kept in memory: whoever is there says so again within a minute.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use keystile_protocol::usage::{Report, Warning};

use crate::domain::timestamp::Timestamp;

/// How long a machine may be silent before it does not count any more. It asks at least every 30
/// seconds while it works.
const LIVE_MS: i64 = 60 * 1000;

/// How long it is remembered.
const REMEMBERED_MS: i64 = 15 * 60 * 1000;

/// How many machines are remembered: only a client with a gateway's token can add any.
const MOST_MACHINES: usize = 10_000;

/// The longest name of a gateway or machine that is remembered.
const LONGEST_NAME: usize = 256;

/// The gateways that follow this process.
#[derive(Debug, Default)]
pub struct Gateways(Mutex<BTreeMap<Name, Machine>>);

/// What tells a machine from all others: its gateway, and its own name.
type Name = (String, String);

/// A virtual machine of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Its gateway, by its node id.
    pub gateway: String,
    /// Its own name.
    pub vm: String,
    /// When it first asked.
    pub since: Timestamp,
    /// When it last asked or reported.
    pub seen_at: Timestamp,
    /// When it last reported what keys were used for.
    pub reported_at: Option<Timestamp>,
    /// The revision it knows everything up to; 0 while it is reading its first services.
    pub revision: i64,
    /// What it last reported of itself.
    pub condition: Option<Condition>,
}

/// What a machine reports of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The filter's version.
    pub version: String,
    /// How old the registry's last answer was, in milliseconds.
    pub age_ms: Option<u64>,
    /// What keeps it from serving what services ask for.
    pub warnings: Vec<Warning>,
}

/// On how many gateways a revision is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// Gateways all of whose machines know it.
    pub live_on: usize,
    /// Gateways that are there.
    pub gateways: usize,
}

// === impl Gateways ===

impl Gateways {
    /// Takes note that a machine has asked for what comes after a revision.
    pub fn note_poll(&self, (gateway, vm): (&str, &str), revision: i64, now: Timestamp) {
        self.note((gateway, vm), now, |machine| {
            machine.revision = revision.max(0);
        });
    }

    /// Takes note of what a machine reports of itself.
    pub fn note_report(&self, report: &Report, now: Timestamp) {
        self.note((&report.gateway, &report.vm), now, |machine| {
            machine.reported_at = Some(now);
            machine.condition = Some(Condition {
                version: report.version.clone(),
                age_ms: report.age_ms,
                warnings: report.warnings.clone(),
            });
        });
    }

    /// Lists the machines that are there, by gateway.
    pub fn live(&self, now: Timestamp) -> Vec<Machine> {
        let known = self.lock();
        let live = known.values().filter(|machine| machine.is_live(now));
        live.cloned().collect()
    }

    /// Says on how many gateways a revision is in force.
    pub fn spread(&self, revision: i64, now: Timestamp) -> Spread {
        let mut is_in_force: BTreeMap<String, bool> = BTreeMap::new();
        for machine in self.live(now) {
            let everywhere = is_in_force.entry(machine.gateway).or_insert(true);
            *everywhere &= machine.revision >= revision;
        }
        Spread {
            live_on: is_in_force.values().filter(|known| **known).count(),
            gateways: is_in_force.len(),
        }
    }

    fn note(&self, (gateway, vm): (&str, &str), now: Timestamp, note: impl FnOnce(&mut Machine)) {
        if vm.is_empty() || vm.len() > LONGEST_NAME || gateway.len() > LONGEST_NAME {
            // People who look at the feed say nothing of themselves.
            return;
        }
        let mut known = self.lock();
        let name = (gateway.to_owned(), vm.to_owned());
        if !known.contains_key(&name) {
            known.retain(|_, machine| machine.is_remembered(now));
            if known.len() >= MOST_MACHINES {
                return;
            }
        }
        let machine = known.entry(name).or_insert_with(|| Machine {
            gateway: gateway.to_owned(),
            vm: vm.to_owned(),
            since: now,
            seen_at: now,
            reported_at: None,
            revision: 0,
            condition: None,
        });
        machine.seen_at = now;
        note(machine);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Name, Machine>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Machine ===

impl Machine {
    fn is_live(&self, now: Timestamp) -> bool {
        self.seen_at >= now.plus_ms(-LIVE_MS)
    }

    fn is_remembered(&self, now: Timestamp) -> bool {
        self.seen_at >= now.plus_ms(-REMEMBERED_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn gateways(polls: &[(&str, &str, i64)]) -> Gateways {
        let gateways = Gateways::default();
        for (gateway, vm, revision) in polls {
            gateways.note_poll((gateway, vm), *revision, NOW);
        }
        gateways
    }

    #[test]
    fn a_revision_is_live_on_a_gateway_once_all_its_machines_know_it() {
        let gateways = gateways(&[("a", "1", 7), ("a", "2", 6), ("b", "1", 7)]);
        let spread = |live_on| Spread {
            live_on,
            gateways: 2,
        };
        assert_eq!(gateways.spread(6, NOW), spread(2));
        assert_eq!(gateways.spread(7, NOW), spread(1));
        assert_eq!(gateways.spread(8, NOW), spread(0));
    }

    #[test]
    fn a_machine_that_says_nothing_for_a_minute_does_not_count() {
        let gateways = gateways(&[("a", "1", 7)]);
        assert_eq!(gateways.live(NOW.plus_ms(LIVE_MS)).len(), 1);
        assert_eq!(gateways.live(NOW.plus_ms(LIVE_MS + 1)), []);
    }

    #[test]
    fn who_gives_no_name_is_not_listed() {
        assert_eq!(gateways(&[("", "", 7)]).live(NOW), []);
    }
}
