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
const NOT_CAPABLE: i32 = 76;

/// Links one function. One that is not allowed says so (cpp-host `WASI_ENOTCAPABLE`).
macro_rules! wasi {
    ($linker:ident, $module:ident, $name:literal,
        |$call:ident $(, $argument:ident: $kind:ty)*| $body:expr) => {
        $linker.func_wrap(
            $module,
            $name,
            |mut caller: Caller<'_, State> $(, $argument: $kind)*| -> i32 {
                let $call = &mut Call::new(&mut caller);
                if $call.state().settings.allows($name) {
                    $body
                } else {
                    NOT_CAPABLE
                }
            },
        )?
    };
}

pub(super) fn define(linker: &mut Linker<State>, module: &str) -> Result<()> {
    define_environment(linker, module)?;
    define_time(linker, module)?;
    define_files(linker, module)?;
    define_other_files(linker, module)?;
    linker.func_wrap(
        module,
        "proc_exit",
        |caller: Caller<'_, State>, code: u32| -> Result<()> {
            if caller.data().settings.allows("proc_exit") {
                let text = format!("the module exited with {code}");
                return Err(wasmtime::Error::msg(text));
            }
            Ok(())
        },
    )?;
    Ok(())
}

fn define_environment(linker: &mut Linker<State>, module: &str) -> Result<()> {
    wasi!(
        linker,
        module,
        "environ_sizes_get",
        |call, count: u32, size: u32| {
            let variables = environment(call.state());
            let bytes: usize = variables.iter().map(Vec::len).sum();
            succeeds(write_counts(call, (count, variables.len()), (size, bytes)))
        }
    );
    wasi!(
        linker,
        module,
        "environ_get",
        |call, pointers: u32, buffer: u32| succeeds(write_environment(call, pointers, buffer))
    );
    wasi!(
        linker,
        module,
        "args_sizes_get",
        |call, count: u32, size: u32| succeeds(write_counts(call, (count, 0), (size, 0)))
    );
    wasi!(linker, module, "args_get", |call, _a: u32, _b: u32| SUCCESS);
    Ok(())
}

fn define_time(linker: &mut Linker<State>, module: &str) -> Result<()> {
    wasi!(
        linker,
        module,
        "clock_time_get",
        |call, clock: u32, _precision: u64, time: u32| {
            let now = call.state().now();
            match clock {
                0 | 1 => succeeds(call.write_u64(time, now).ok()),
                _ => NOT_SUPPORTED,
            }
        }
    );
    wasi!(
        linker,
        module,
        "random_get",
        |call, buffer: u32, size: u32| {
            let bytes = call.state_mut().random.bytes(size as usize);
            succeeds(call.write(buffer, &bytes).ok())
        }
    );
    wasi!(linker, module, "sched_yield", |call| SUCCESS);
    Ok(())
}

fn define_files(linker: &mut Linker<State>, module: &str) -> Result<()> {
    wasi!(
        linker,
        module,
        "fd_write",
        |call, file: u32, pieces: u32, count: u32, written: u32| {
            let level = match file {
                1 => Level::Info,
                2 => Level::Error,
                _ => return BAD_FILE,
            };
            let logged = log_pieces(call, (pieces, count), level);
            succeeds(logged.and_then(|size| call.write_u32(written, size).ok()))
        }
    );
    Ok(())
}

/// There are no other files than the two that are logs.
fn define_other_files(linker: &mut Linker<State>, module: &str) -> Result<()> {
    wasi!(
        linker,
        module,
        "fd_read",
        |call, _a: u32, _b: u32, _c: u32, _d: u32| NOT_IMPLEMENTED
    );
    wasi!(
        linker,
        module,
        "fd_seek",
        |call, _a: u32, _b: u64, _c: u32, _d: u32| SUCCESS
    );
    wasi!(linker, module, "fd_close", |call, _a: u32| SUCCESS);
    wasi!(linker, module, "fd_fdstat_get", |call, _a: u32, _b: u32| {
        NOT_IMPLEMENTED
    });
    wasi!(
        linker,
        module,
        "fd_prestat_get",
        |call, _a: u32, _b: u32| BAD_FILE
    );
    wasi!(
        linker,
        module,
        "fd_prestat_dir_name",
        |call, _a: u32, _b: u32, _c: u32| NOT_IMPLEMENTED
    );
    wasi!(
        linker,
        module,
        "fd_filestat_get",
        |call, _a: u32, _b: u32| BAD_FILE
    );
    Ok(())
}

fn succeeds(done: Option<()>) -> i32 {
    done.map_or(BAD_ADDRESS, |()| SUCCESS)
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
