//! The part of WASI preview 1 that builds of a filter import, as cpp-host answers it.
//!
//! There are no files: standard output and error are logs, the clock is the virtual one, and
//! randomness is the same in every run.

use wasmtime::{Caller, Linker, Result};

use crate::log::{Level, LogLine};
use crate::memory::Call;
use crate::state::State;

const SUCCESS: i32 = 0;
const BAD_FILE: i32 = 8;
const BAD_ADDRESS: i32 = 21;
const NOT_IMPLEMENTED: i32 = 52;
const NOT_SUPPORTED: i32 = 58;

pub(super) fn define(linker: &mut Linker<State>, module: &str) -> Result<()> {
    define_environment(linker, module)?;
    define_time(linker, module)?;
    define_files(linker, module)?;
    linker.func_wrap(
        module,
        "proc_exit",
        |_: Caller<'_, State>, code: u32| -> Result<()> {
            Err(wasmtime::Error::msg(format!(
                "the module exited with {code}"
            )))
        },
    )?;
    Ok(())
}

fn define_environment(linker: &mut Linker<State>, module: &str) -> Result<()> {
    linker.func_wrap(
        module,
        "environ_sizes_get",
        |mut caller: Caller<'_, State>, count: u32, size: u32| {
            let call = &mut Call::new(&mut caller);
            let variables = environment(call.state());
            let bytes: usize = variables.iter().map(Vec::len).sum();
            let written = write_counts(call, (count, variables.len()), (size, bytes));
            written.map_or(BAD_ADDRESS, |()| SUCCESS)
        },
    )?;
    linker.func_wrap(
        module,
        "environ_get",
        |mut caller: Caller<'_, State>, pointers: u32, buffer: u32| {
            let written = write_environment(&mut Call::new(&mut caller), pointers, buffer);
            written.map_or(BAD_ADDRESS, |()| SUCCESS)
        },
    )?;
    linker.func_wrap(
        module,
        "args_sizes_get",
        |mut caller: Caller<'_, State>, count: u32, size: u32| {
            let written = write_counts(&mut Call::new(&mut caller), (count, 0), (size, 0));
            written.map_or(BAD_ADDRESS, |()| SUCCESS)
        },
    )?;
    linker.func_wrap(module, "args_get", |_: u32, _: u32| SUCCESS)?;
    Ok(())
}

fn define_time(linker: &mut Linker<State>, module: &str) -> Result<()> {
    linker.func_wrap(
        module,
        "clock_time_get",
        |mut caller: Caller<'_, State>, clock: u32, _precision: u64, time: u32| {
            let call = &mut Call::new(&mut caller);
            let now = call.state().now();
            match clock {
                0 | 1 => call.write_u64(time, now).map_or(BAD_ADDRESS, |()| SUCCESS),
                _ => NOT_SUPPORTED,
            }
        },
    )?;
    linker.func_wrap(
        module,
        "random_get",
        |mut caller: Caller<'_, State>, buffer: u32, size: u32| {
            let call = &mut Call::new(&mut caller);
            let bytes = call.state_mut().random.bytes(size as usize);
            call.write(buffer, &bytes).map_or(BAD_ADDRESS, |()| SUCCESS)
        },
    )?;
    linker.func_wrap(module, "sched_yield", || SUCCESS)?;
    Ok(())
}

fn define_files(linker: &mut Linker<State>, module: &str) -> Result<()> {
    linker.func_wrap(
        module,
        "fd_write",
        |mut caller: Caller<'_, State>, file: u32, pieces: u32, count: u32, written: u32| {
            let level = match file {
                1 => Level::Info,
                2 => Level::Error,
                _ => return BAD_FILE,
            };
            let call = &mut Call::new(&mut caller);
            let logged = log_pieces(call, (pieces, count), level);
            let told = logged.and_then(|size| call.write_u32(written, size).ok());
            told.map_or(BAD_ADDRESS, |()| SUCCESS)
        },
    )?;
    linker.func_wrap(module, "fd_read", |_: u32, _: u32, _: u32, _: u32| {
        NOT_IMPLEMENTED
    })?;
    linker.func_wrap(module, "fd_seek", |_: u32, _: u64, _: u32, _: u32| SUCCESS)?;
    linker.func_wrap(module, "fd_close", |_: u32| SUCCESS)?;
    linker.func_wrap(module, "fd_fdstat_get", |_: u32, _: u32| NOT_IMPLEMENTED)?;
    linker.func_wrap(module, "fd_prestat_get", |_: u32, _: u32| BAD_FILE)?;
    linker.func_wrap(module, "fd_prestat_dir_name", |_: u32, _: u32, _: u32| {
        NOT_IMPLEMENTED
    })?;
    linker.func_wrap(module, "fd_filestat_get", |_: u32, _: u32| BAD_FILE)?;
    Ok(())
}

fn environment(state: &State) -> Vec<Vec<u8>> {
    let variables = state.settings.environment.iter();
    variables
        .map(|(name, value)| format!("{name}={value}\0").into_bytes())
        .collect()
}

fn write_counts(
    call: &mut Call<'_, '_>,
    (count_at, count): (u32, usize),
    (size_at, size): (u32, usize),
) -> Option<()> {
    call.write_u32(count_at, u32::try_from(count).ok()?).ok()?;
    call.write_u32(size_at, u32::try_from(size).ok()?).ok()
}

fn write_environment(call: &mut Call<'_, '_>, mut pointer: u32, mut place: u32) -> Option<()> {
    for variable in environment(call.state()) {
        call.write_u32(pointer, place).ok()?;
        call.write(place, &variable).ok()?;
        pointer += 4;
        place += u32::try_from(variable.len()).ok()?;
    }
    Some(())
}

/// Logs what was written, without its last line break, and returns its size.
fn log_pieces(call: &mut Call<'_, '_>, (pieces, count): (u32, u32), level: Level) -> Option<u32> {
    let list = call.read((pieces, count.checked_mul(8)?)).ok()?;
    let mut text = Vec::new();
    for piece in list.as_chunks::<8>().0 {
        let (start, size) = piece.split_first_chunk::<4>()?;
        let size = u32::from_le_bytes(*size.first_chunk::<4>()?);
        let place = (u32::from_le_bytes(*start), size);
        text.extend(call.read(place).ok()?);
    }
    let size = u32::try_from(text.len()).ok()?;
    let text = String::from_utf8_lossy(&text);
    let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
    call.state_mut().logs.push(LogLine { level, text });
    Some(size)
}
