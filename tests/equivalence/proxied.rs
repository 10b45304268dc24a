//! Runs all scenarios through one real Envoy: a listener for each, at the same time.

mod client;
mod configuration;
mod grpc;
mod logs;
mod servers;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use stage::envoy::stats::Stats;
use stage::envoy::{Change, Envoy, EnvoyConfig};
use stage::wait;

use crate::scenario::{Exchange, Scenario};
use crate::seen::{Both, Client, Seen};
use client::Waiting;
use configuration::Addresses;
use servers::Servers;

/// How many scenarios run at once; most of them only wait.
const AT_ONCE: usize = 8;
/// What passes between two requests that are sent together.
const MOMENT: Duration = Duration::from_millis(100);
/// How long a log may take to be written, or to stay as it is.
const LOG: Duration = Duration::from_millis(500);

/// Names a scenario's plugin, listener and exchanges.
fn label(number: usize) -> String {
    format!("s{number:03}")
}

/// Runs scenarios and returns what can be seen of each.
pub(crate) fn run_all(scenarios: &[Scenario]) -> Vec<Seen> {
    let servers = Servers::start(scenarios);
    let addresses = servers.addresses();
    let envoy = Envoy::start(&configured(scenarios, &addresses)).unwrap();
    eprintln!(
        "Envoy with {} filters starts in {:?}",
        scenarios.len(),
        envoy.start_time()
    );
    let clients = Mutex::new(BTreeMap::new());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(scenario) = scenarios.get(number) else {
                        return;
                    };
                    let exchanges = &scenario.exchanges;
                    let seen = play(&envoy, (number, 0), (scenario, exchanges));
                    clients.lock().unwrap().insert(number, seen);
                }
            });
        }
    });
    let mut clients = clients.into_inner().unwrap();
    let updates = update_all(&envoy, scenarios, &addresses, &mut clients);
    let traces = Traces {
        log: settled_log(&envoy),
        stats: envoy.stats().unwrap(),
        servers,
    };
    let numbered = scenarios.iter().zip(clients);
    let seen = numbered.map(|(scenario, (number, clients))| Seen {
        was_updated: updates.get(&number).copied(),
        ..traces.seen(scenario, number, clients)
    });
    seen.collect()
}

fn configured(scenarios: &[Scenario], addresses: &Addresses) -> EnvoyConfig {
    EnvoyConfig::of(configuration::bootstrap(scenarios, addresses)).with_changing_listeners()
}

/// Gives filters their other scripts, one after the other; returns which were taken.
fn update_all(
    envoy: &Envoy,
    scenarios: &[Scenario],
    addresses: &Addresses,
    clients: &mut BTreeMap<usize, Vec<Client>>,
) -> BTreeMap<usize, bool> {
    let mut now = scenarios.to_vec();
    let mut taken = BTreeMap::new();
    for (number, scenario) in scenarios.iter().enumerate() {
        let Some(after) = scenario.updated() else {
            continue;
        };
        now[number] = after;
        let change = envoy.change(&configured(&now, addresses)).unwrap();
        taken.insert(number, change == Change::Taken);
        if change == Change::Refused {
            now[number] = scenario.clone();
        }
        let later: Vec<_> = scenario
            .update
            .iter()
            .flat_map(|it| &it.exchanges)
            .cloned()
            .collect();
        let first = scenario.exchanges.len();
        let seen = play(envoy, (number, first), (scenario, &later));
        clients.entry(number).or_default().extend(seen);
    }
    taken
}

/// What is left behind once all scenarios are over.
struct Traces {
    log: String,
    stats: Stats,
    servers: Servers,
}

// === impl Traces ===

impl Traces {
    fn seen(&self, scenario: &Scenario, number: usize, clients: Vec<Client>) -> Seen {
        let upstream = &self.servers.upstream;
        let exchanges = clients.into_iter().enumerate().map(|(index, client)| Both {
            upstream: upstream.received(&exchange_label(number, index)),
            client,
        });
        let metrics = scenario.metrics().into_iter().filter_map(|name| {
            let value = self.stats.value(&format!("wasmcustom.{name}"))?;
            Some((name.to_owned(), value))
        });
        let mut seen = Seen {
            exchanges: exchanges.collect(),
            was_updated: None,
            logs: logs::of(&self.log, &label(number), scenario.plugin.vm_id.as_deref()),
            metrics: metrics.collect(),
        };
        if scenario.any_order {
            seen.sort_logs();
        }
        seen
    }
}

fn play(
    envoy: &Envoy,
    (number, first): (usize, usize),
    (scenario, exchanges): (&Scenario, &[Exchange]),
) -> Vec<Client> {
    let address = envoy.address_of(&label(number)).unwrap();
    let mut waiting = Vec::new();
    let mut clients = Vec::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        let name = exchange_label(number, first + index);
        waiting.push(Waiting::send(address, exchange, &name));
        if scenario.together {
            thread::sleep(MOMENT);
        } else {
            clients.extend(waiting.drain(..).map(Waiting::receive));
        }
    }
    clients.extend(waiting.into_iter().map(Waiting::receive));
    clients
}

/// Names an exchange, so that the upstream knows what to answer.
fn exchange_label(number: usize, index: usize) -> String {
    format!("{}-{index}", label(number))
}

/// Returns the log once nothing has been added to it for a while.
fn settled_log(envoy: &Envoy) -> String {
    wait::until("rest in Envoy's log", Duration::from_secs(10), || {
        let before = envoy.log();
        thread::sleep(LOG);
        let after = envoy.log();
        if before.len() == after.len() {
            Ok(after)
        } else {
            Err("more".to_owned())
        }
    })
    .unwrap()
}

impl Servers {
    fn addresses(&self) -> Addresses {
        Addresses {
            upstream: self.upstream.address(),
            service: self.service.address(),
            refuses: self.refuses.address(),
            grpc: self.grpc.address(),
        }
    }
}
