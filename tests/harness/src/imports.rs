//! The host calls, linked into a module by name.

mod buffers;
mod callouts;
mod contexts;
mod general;
mod maps;
mod metrics;
mod shared;
mod streams;
mod wasi;

use wasmtime::Linker;

use crate::state::State;

/// Defines every host call.
pub(crate) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    general::define(linker)?;
    buffers::define(linker)?;
    maps::define(linker)?;
    shared::define(linker)?;
    streams::define(linker)?;
    callouts::define(linker)?;
    metrics::define(linker)?;
    contexts::define(linker)?;
    wasi::define(linker)
}
