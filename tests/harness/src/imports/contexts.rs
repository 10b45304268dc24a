//! Contexts: acting for another one, and ending.

use wasmtime::{Linker, Result};

use crate::abi::status::Status;
use crate::memory::Done;
use crate::state::{Action, State};

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    link!(linker, SetEffectiveContext, |call, context| {
        if !call.state().has_context(context) {
            return Err(Status::BadArgument);
        }
        call.state_mut().effective = context;
        Ok(())
    });
    link!(linker, Done, |call| done(call.state_mut()));
    Ok(())
}

/// Only a root context that was asked to end and had work left may say that it is done.
fn done(state: &mut State) -> Done {
    let root = state.context();
    let ending = state.roots.get(&root).is_some_and(|root| root.ending);
    if !ending {
        return Err(Status::NotFound);
    }
    state.deferred.push_back(Action::DeleteRoot(root));
    Ok(())
}
