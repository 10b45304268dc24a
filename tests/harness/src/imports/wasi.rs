//! The part of WASI preview 1 that wasip1 builds of a filter import.

use wasmtime::{Linker, Result};

use crate::state::State;

pub(super) fn define(_linker: &mut Linker<State>) -> Result<()> {
    Ok(())
}
