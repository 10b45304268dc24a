//! Logs, time, ticks, properties.

use wasmtime::{Linker, Result};

use crate::abi::status::Status;
use crate::log::{Level, LogLine};
use crate::memory::{Call, Done};
use crate::state::{State, Tick};

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    link!(linker, Log, |call, level, text, size| log(
        call,
        level,
        (text, size)
    ));
    link!(linker, LogLevel, |call, level| {
        let current = call.state().settings.log_level as u32;
        call.write_u32(level, current)
    });
    link!(linker, CurrentTime, |call, time| {
        let now = call.state().now();
        call.write_u64(time, now)
    });
    link!(linker, SetTickPeriod, |call, period| {
        set_tick_period(call.state_mut(), period);
        Ok(())
    });
    link!(linker, GetProperty, |call, path, length, value, size| {
        let path = call.read((path, length))?;
        let found = call.state().property(&path).ok_or(Status::NotFound)?;
        call.give(&found, (value, size))
    });
    link!(linker, SetProperty, |call, path, length, value, size| {
        let (path, value) = (call.read((path, length))?, call.read((value, size))?);
        // Envoy keeps it in the stream's filter state; a root context has no stream.
        let stream = call.state_mut().stream_mut().ok_or(Status::NotFound)?;
        stream.filter_state.insert(path, value);
        Ok(())
    });
    Ok(())
}

fn log(call: &mut Call<'_, '_>, level: u32, text: (u32, u32)) -> Done {
    let level = Level::try_from(level)?;
    let text = call.read_text(text)?;
    call.state_mut().logs.push(LogLine { level, text });
    Ok(())
}

fn set_tick_period(state: &mut State, milliseconds: u32) {
    let period = u64::from(milliseconds) * 1_000_000;
    let due = state.now() + period;
    if let Some(root) = state.root_mut() {
        root.tick = (period > 0).then_some(Tick { period, due });
    }
}
