//! The host calls, linked into a module by name.

use wasmtime::Linker;

use crate::state::State;

/// Links one host call. Every argument is a `u32`; the name, the count of calls and a planned
/// failure come with the [`HostCall`](crate::HostCall).
macro_rules! link {
    ($linker:ident, $name:ident, |$call:ident $(, $argument:ident)*| $body:expr) => {
        $linker.func_wrap(
            "env",
            $crate::abi::call::HostCall::$name.import(),
            |mut caller: wasmtime::Caller<'_, $crate::state::State> $(, $argument: u32)*| {
                let name = $crate::abi::call::HostCall::$name;
                $crate::memory::host_call(&mut caller, name, |$call| $body)
            },
        )?
    };
}

mod buffers;
mod callouts;
mod contexts;
mod foreign;
mod general;
mod grpc;
mod maps;
mod metrics;
mod shared;
mod streams;
mod wasi;

/// Defines every host call.
pub(crate) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    general::define(linker)?;
    buffers::define(linker)?;
    maps::define(linker)?;
    shared::define(linker)?;
    streams::define(linker)?;
    callouts::define(linker)?;
    grpc::define(linker)?;
    metrics::define(linker)?;
    contexts::define(linker)?;
    foreign::define(linker)?;
    wasi::define(linker, "wasi_snapshot_preview1")?;
    wasi::define(linker, "wasi_unstable")
}
