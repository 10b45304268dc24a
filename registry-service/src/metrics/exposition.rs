//! What is looked at when somebody asks, and the text of everything.

use std::fmt;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry as Exposition;

use crate::gateways::Machine;
use crate::registry::Registry;

/// A state that some of something are in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

/// Writes every figure in the format of `OpenMetrics`. What only the database knows is left out while
/// that is away: the rest is needed most then.
pub async fn exposition(registry: &Registry) -> String {
    let mut exposition = Exposition::with_prefix("keystile");
    registry.metrics.register(&mut exposition);
    show_database(registry, &mut exposition);
    show_outbox(registry, &mut exposition).await;
    show_gateways(registry, &mut exposition);
    let mut text = String::new();
    // Writing to memory cannot fail.
    let _: fmt::Result = encode(&mut text, &exposition);
    text
}

fn show_database(registry: &Registry, exposition: &mut Exposition) {
    let position = *registry.storage.watch_position().borrow();
    let pool = registry.storage.pool_use();
    let hashing = registry.hashing.waiting();
    show(
        exposition,
        "revision",
        "The newest revision this process knows",
        position.head,
    );
    show_states(
        exposition,
        ("database_connections", "Connections to the database"),
        &[("used", pool.used), ("idle", pool.idle)],
    );
    show(
        exposition,
        "password_hashes_waiting",
        "Passwords that wait to be hashed",
        hashing,
    );
    show(
        exposition,
        "draining",
        "Whether the process was told to stop",
        i64::from(registry.drain.has_begun()),
    );
}

async fn show_outbox(registry: &Registry, exposition: &mut Exposition) {
    if let Ok(depth) = registry.storage.outbox_depth().await {
        show_states(
            exposition,
            ("outbox_messages", "Mails that were not sent"),
            &[("waiting", depth.waiting), ("given_up", depth.given_up)],
        );
    }
}

fn show_gateways(registry: &Registry, exposition: &mut Exposition) {
    let now = registry.clock.now();
    let head = registry.storage.watch_position().borrow().head;
    let machines = registry.gateways.live(now);
    let behind = machines.iter().filter(|machine| machine.revision < head);
    let seconds_ago =
        |moment: Option<i64>| moment.map_or(0, |moment| (now.0 - moment).max(0) / 1000);
    let oldest = |moment: fn(&Machine) -> i64| seconds_ago(machines.iter().map(moment).min());
    show(
        exposition,
        "gateway_machines",
        "Virtual machines of gateways that followed the feed in the last minute",
        count(machines.len()),
    );
    show(
        exposition,
        "gateway_machines_behind",
        "Those of them that do not know the newest revision",
        count(behind.count()),
    );
    show(
        exposition,
        "gateway_silence_seconds",
        "How long the one that was silent longest has been",
        oldest(|machine| machine.seen_at.0),
    );
    show(
        exposition,
        "usage_lag_seconds",
        "How long ago the one reported usage that did so longest ago, or came",
        oldest(|machine| machine.reported_at.unwrap_or(machine.since).0),
    );
}

fn show(exposition: &mut Exposition, name: &str, help: &str, value: i64) {
    let gauge = Gauge::<i64>::default();
    gauge.set(value);
    exposition.register(name, help, gauge);
}

fn show_states(
    exposition: &mut Exposition,
    (name, help): (&str, &str),
    states: &[(&'static str, i64)],
) {
    let family = Family::<State, Gauge>::default();
    for (state, value) in states {
        family.get_or_create(&State { state }).set(*value);
    }
    exposition.register(name, help, family);
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
