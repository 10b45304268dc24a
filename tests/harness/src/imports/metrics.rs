//! Metrics: ids are the machine's, values the proxy's.

use wasmtime::{Caller, Linker, Result};

use crate::abi::call::HostCall;
use crate::abi::status::Status;
use crate::memory::{Call, Done, host_call};
use crate::shared::metrics::MetricKind;
use crate::state::State;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    link!(linker, DefineMetric, |call, kind, name, length, id| {
        let kind = MetricKind::try_from(kind)?;
        let name = call.read_text((name, length))?;
        let number = define_metric(call.state_mut(), kind, name);
        call.write_u32(id, number)
    });
    link!(linker, GetMetric, |call, id, value| read(call, id, value));
    linker.func_wrap(
        "env",
        HostCall::RecordMetric.import(),
        |mut caller: Caller<'_, State>, id: u32, value: u64| {
            host_call(&mut caller, HostCall::RecordMetric, |call| {
                let state = call.state();
                let (kind, name) = state.metrics.get(&id).ok_or(Status::NotFound)?;
                state.shared.lock().metrics.record(*kind, name, value);
                Ok(())
            })
        },
    )?;
    linker.func_wrap(
        "env",
        HostCall::IncrementMetric.import(),
        |mut caller: Caller<'_, State>, id: u32, offset: i64| {
            host_call(&mut caller, HostCall::IncrementMetric, |call| {
                let state = call.state();
                check_countable(id)?;
                let (kind, name) = state.metrics.get(&id).ok_or(Status::NotFound)?;
                state.shared.lock().metrics.increment(*kind, name, offset)
            })
        },
    )?;
    Ok(())
}

/// Returns a new id; its two lowest bits tell the kind (cpp-host `kMetricIdIncrement`).
fn define_metric(state: &mut State, kind: MetricKind, name: String) -> u32 {
    state.shared.lock().metrics.define(kind, &name);
    let same = state.metrics.values().filter(|(other, _)| *other == kind);
    let number = u32::try_from(same.count() + 1).unwrap_or(u32::MAX / 4);
    let id = kind as u32 + 4 * number;
    state.metrics.insert(id, (kind, name));
    id
}

/// Histograms, and ids of no kind at all, can neither be read nor incremented.
fn check_countable(id: u32) -> Done {
    match MetricKind::try_from(id & 3)? {
        MetricKind::Counter | MetricKind::Gauge => Ok(()),
        MetricKind::Histogram => Err(Status::BadArgument),
    }
}

fn read(call: &mut Call<'_, '_>, id: u32, place: u32) -> Done {
    let state = call.state();
    check_countable(id)?;
    let (_, name) = state.metrics.get(&id).ok_or(Status::NotFound)?;
    let value = state.shared.lock().metrics.value(name).unwrap_or_default();
    call.write_u64(place, value)
}
