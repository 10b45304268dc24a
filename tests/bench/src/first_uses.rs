//! Many clients use a key for the first time at once, at a gateway that asks about keys when it
//! first sees them.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use tokio::runtime::Handle;

use crate::error::BenchError;
use crate::gateways::{Gateway, checks};
use crate::keys;
use crate::population::Population;
use crate::sides::configuration as envoy;
use crate::statistics::Latency;
use crate::wire::Wire;

/// How many clients there are.
const CLIENTS: usize = 300;

/// A service known, if no key: the first refusal that is not for want of one.
const PATIENCE: Duration = Duration::from_secs(30);

/// What first uses cost the registry.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FirstUses {
    /// How many workers the gateway has.
    pub(crate) workers: usize,
    /// How many clients there were.
    pub(crate) clients: usize,
    /// How many questions reached the registry.
    pub(crate) questions: u64,
    /// How long the clients waited.
    pub(crate) latency: Latency,
}

/// Lets many clients use one key at once.
pub(crate) fn measure(
    runtime: &Handle,
    population: &Population,
    workers: usize,
) -> Result<FirstUses, BenchError> {
    let config = envoy::ours(&population.feed())?
        .plugin("mode", json!("on_demand"))?
        .with_workers(workers)?;
    let gateway = Gateway::start(&config)?;
    let settled = stage::client::Request::get("/");
    gateway.envoy.send_until(401, PATIENCE, &settled)?;
    gateway.rest()?;
    let before = checks(&gateway.envoy)?;
    let latencies = runtime.block_on(all_at_once(&gateway, population))?;
    Ok(FirstUses {
        workers,
        clients: CLIENTS,
        questions: checks(&gateway.envoy)? - before,
        latency: Latency::of(&latencies),
    })
}

async fn all_at_once(
    gateway: &Gateway,
    population: &Population,
) -> Result<Vec<Duration>, BenchError> {
    let key = keys::key(population.keys - 1);
    let request = format!("GET / HTTP/1.1\r\nHost: api.example.com\r\napikey: {key}\r\n\r\n");
    let mut wires = Vec::new();
    for _ in 0..CLIENTS {
        wires.push(Wire::open(gateway.envoy.address()).await?);
    }
    let begin = std::time::Instant::now();
    for wire in &mut wires {
        wire.send(request.as_bytes()).await?;
    }
    let mut latencies = Vec::new();
    for wire in &mut wires {
        match wire.receive().await?.status {
            200 => latencies.push(begin.elapsed()),
            other => return Err(BenchError::unexpected("a first use", 200, other)),
        }
    }
    Ok(latencies)
}
