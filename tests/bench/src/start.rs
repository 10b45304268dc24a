//! How long an Envoy takes to start, with and without filters, and how large ours is.

use std::fs;
use std::path::Path;

use serde::Serialize;
use stage::envoy::{Envoy, EnvoyConfig};
use stage::places;

use crate::error::BenchError;
use crate::sides::configuration::{self as envoy, Feed};
use crate::statistics::{Spread, milliseconds};

/// Enough workers to tell what one more virtual machine takes.
const MANY: usize = 33;
/// One virtual machine for each worker, and the main thread's.
const FEW: usize = 1;

/// Where the registry of these Envoys would be: starting is not waiting for it.
const NOWHERE: ([u8; 4], u16) = ([127, 0, 0, 1], 9);

/// What starting takes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Starting {
    /// How large our module is, in bytes.
    pub(crate) module_bytes: u64,
    /// How long an Envoy without a filter takes, in milliseconds.
    pub(crate) bare_ms: Spread,
    /// With the smallest filter.
    pub(crate) smallest_ms: Spread,
    /// With ours.
    pub(crate) ours_ms: Spread,
    /// What each further virtual machine of ours takes, its thread not counted.
    pub(crate) machine_ms: f64,
}

/// Starts Envoys in turns.
pub(crate) fn measure(times: usize) -> Result<Starting, BenchError> {
    let feed = Feed {
        gateway: NOWHERE.into(),
        token: String::new(),
    };
    let smallest = envoy::module(&envoy::built("smallest.wasm")?);
    let bare = envoy::with_filters(Vec::new())?;
    let ours = envoy::ours(&feed)?;
    let configs = [
        bare.clone(),
        envoy::with_filters(vec![smallest])?,
        ours.clone(),
        bare.with_workers(MANY)?,
        ours.with_workers(MANY)?,
    ];
    let mut samples = [const { Vec::new() }; 5];
    for _ in 0..times {
        for (config, samples) in configs.iter().zip(&mut samples) {
            samples.push(start(config)?);
        }
    }
    let [bare, smallest, ours, many_bare, many_ours] = samples.map(|samples| Spread::of(&samples));
    let machines = f64::from(u32::try_from(MANY - FEW).unwrap_or(1));
    let of_many = (many_ours.median - ours.median) - (many_bare.median - bare.median);
    Ok(Starting {
        module_bytes: size(&places::filter()?)?,
        machine_ms: of_many / machines,
        bare_ms: bare,
        smallest_ms: smallest,
        ours_ms: ours,
    })
}

fn start(config: &EnvoyConfig) -> Result<f64, BenchError> {
    Ok(milliseconds(Envoy::start(config)?.start_time()))
}

fn size(file: &Path) -> Result<u64, BenchError> {
    Ok(fs::metadata(file)?.len())
}
