//! Logs, time, ticks, properties.

use wasmtime::{Caller, Linker, Result};

use crate::abi::call::HostCall;
use crate::abi::status::Status;
use crate::log::{Level, LogLine};
use crate::memory::{Call, Done, host_call};
use crate::state::{State, Tick};

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(
        "env",
        "proxy_log",
        |mut caller: Caller<'_, State>, level: u32, text: u32, size: u32| {
            host_call(&mut caller, HostCall::Log, |call| {
                log(call, level, (text, size))
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_get_log_level",
        |mut caller: Caller<'_, State>, level: u32| {
            host_call(&mut caller, HostCall::LogLevel, |call| {
                let current = call.state().settings.log_level as u32;
                call.write_u32(level, current)
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_get_current_time_nanoseconds",
        |mut caller: Caller<'_, State>, time: u32| {
            host_call(&mut caller, HostCall::CurrentTime, |call| {
                let now = call.state().now();
                call.write_u64(time, now)
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_set_tick_period_milliseconds",
        |mut caller: Caller<'_, State>, period: u32| {
            host_call(&mut caller, HostCall::SetTickPeriod, |call| {
                set_tick_period(call, period)
            })
        },
    )?;
    define_properties(linker)
}

fn define_properties(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(
        "env",
        "proxy_get_property",
        |mut caller: Caller<'_, State>, path: u32, length: u32, value: u32, size: u32| {
            host_call(&mut caller, HostCall::GetProperty, |call| {
                let path = call.read((path, length))?;
                let found = call.state().property(&path).ok_or(Status::NotFound)?;
                call.give(&found, (value, size))
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_set_property",
        |mut caller: Caller<'_, State>, path: u32, length: u32, value: u32, size: u32| {
            host_call(&mut caller, HostCall::SetProperty, |call| {
                let (path, value) = (call.read((path, length))?, call.read((value, size))?);
                // Envoy keeps it in the stream's filter state; a root context has no stream.
                let stream = call.state_mut().stream_mut().ok_or(Status::NotFound)?;
                stream.filter_state.insert(path, value);
                Ok(())
            })
        },
    )?;
    Ok(())
}

fn log(call: &mut Call<'_, '_>, level: u32, text: (u32, u32)) -> Done {
    let level = Level::try_from(level)?;
    let text = call.read_text(text)?;
    call.state_mut().logs.push(LogLine { level, text });
    Ok(())
}

fn set_tick_period(call: &mut Call<'_, '_>, milliseconds: u32) -> Done {
    let period = u64::from(milliseconds) * 1_000_000;
    let due = call.state().now() + period;
    if let Some(root) = call.state_mut().root_mut() {
        root.tick = (period > 0).then_some(Tick { period, due });
    }
    Ok(())
}
