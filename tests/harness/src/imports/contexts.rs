//! Contexts: acting for another one, ending, foreign functions.

use wasmtime::{Caller, Linker, Result};

use crate::abi::call::HostCall;
use crate::abi::status::Status;
use crate::memory::host_call;
use crate::state::State;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(
        "env",
        "proxy_set_effective_context",
        |mut caller: Caller<'_, State>, context: u32| {
            host_call(&mut caller, HostCall::SetEffectiveContext, |call| {
                if !call.state().has_context(context) {
                    return Err(Status::BadArgument);
                }
                call.state_mut().effective = context;
                Ok(())
            })
        },
    )?;
    linker.func_wrap("env", "proxy_done", |mut caller: Caller<'_, State>| {
        // Only a root context that was asked to end and refused has something to finish.
        host_call(&mut caller, HostCall::Done, |_| Err(Status::NotFound))
    })?;
    Ok(())
}
