//! The harness beside a real Envoy.
//!
//! `scenarios/` is a table: what a scripted filter does, what a client sends, what the upstream
//! answers. Each scenario runs in the harness and through Envoy, and whatever can be seen from
//! outside has to be the same: what client and upstream see, the filter's log, its metrics. A
//! difference is a mistake of the harness.
//!
//! [`scenario`] reads the table, [`harness`] and [`proxied`] run it, [`seen`] is what came of it,
//! [`service`] is whom the filter may ask.
#![cfg(test)]

mod harness;
mod proxied;
mod scenario;
mod seen;
mod service;

use std::collections::BTreeSet;

use proxy_wasm_harness::HostCall;
use scenario::Scenario;

#[test]
fn the_harness_and_envoy_agree_on_every_scenario() {
    let scenarios = Scenario::all();
    let proxied = proxied::run_all(&scenarios);
    let mut differences = Vec::new();
    for (scenario, proxied) in scenarios.iter().zip(proxied) {
        let harness = harness::run(scenario);
        if harness != proxied {
            let name = &scenario.name;
            differences.push(format!("## {name}\n{}", proxied.difference(&harness)));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {} scenarios differ (- Envoy, + harness):\n{}",
        differences.len(),
        scenarios.len(),
        differences.join("\n")
    );
}

#[test]
fn the_scenarios_make_every_host_call() {
    let mut made = BTreeSet::new();
    for scenario in Scenario::all() {
        made.extend(harness::host_calls(&scenario));
    }
    let missing: Vec<_> = HostCall::ALL
        .iter()
        .filter(|call| !made.contains(call))
        .collect();
    assert!(missing.is_empty(), "no scenario makes {missing:?}");
}
