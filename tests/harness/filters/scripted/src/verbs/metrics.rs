//! Metrics.

use proxy_wasm::hostcalls;
use proxy_wasm::types::MetricType;

use super::{ended, number, told};
use crate::plugin::Memory;

pub(super) fn perform(memory: &mut Memory, words: &[&str]) -> Option<String> {
    let id = |name: &str| match name {
        // The two lowest bits of an id tell what it counts.
        "no-counter" => u32::MAX - 3,
        _ => memory.metrics.get(name).copied().unwrap_or(u32::MAX),
    };
    Some(match *words {
        ["define", kind, name] => {
            let kind = match kind {
                "counter" => MetricType::Counter,
                "gauge" => MetricType::Gauge,
                _ => MetricType::Histogram,
            };
            told(hostcalls::define_metric(kind, name), |id| {
                memory.metrics.insert(name.to_owned(), id);
                "Ok".to_owned()
            })
        }
        ["count", name, offset] => ended(hostcalls::increment_metric(id(name), number(offset))),
        ["record", name, value] => ended(hostcalls::record_metric(id(name), number(value))),
        ["metric", name] => told(hostcalls::get_metric(id(name)), |value| value.to_string()),
        _ => return None,
    })
}
