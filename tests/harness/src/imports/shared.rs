//! Shared data and shared queues.

use wasmtime::{Linker, Result};

use crate::memory::{Call, Done};
use crate::shared::queue::Consumer;
use crate::state::State;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    define_data(linker)?;
    define_queues(linker)
}

fn define_data(linker: &mut Linker<State>) -> Result<()> {
    link!(
        linker,
        GetSharedData,
        |call, key, length, value, size, cas| {
            let key = call.read((key, length))?;
            let state = call.state();
            let found = state.shared.lock().data.read(&state.settings.vm_id, &key);
            let (bytes, number) = found?;
            call.give(&bytes, (value, size))?;
            call.write_u32(cas, number)
        }
    );
    link!(
        linker,
        SetSharedData,
        |call, key, length, value, size, cas| {
            let (key, value) = (call.read((key, length))?, call.read((value, size))?);
            let state = call.state();
            let mut shared = state.shared.lock();
            let change = (value, cas);
            shared.data.write(&state.settings.vm_id, &key, change)
        }
    );
    Ok(())
}

fn define_queues(linker: &mut Linker<State>) -> Result<()> {
    link!(linker, RegisterQueue, |call, name, length, token| register(
        call,
        (name, length),
        token
    ));
    link!(linker, ResolveQueue, |call,
                                 vm,
                                 vm_size,
                                 name,
                                 length,
                                 to| {
        let (vm_id, name) = (call.read_text((vm, vm_size))?, call.read((name, length))?);
        let state = call.state();
        let own = &state.settings.vm_id;
        let vm_id = if vm_id.is_empty() { own } else { &vm_id };
        let token = state.shared.lock().queues.resolve(vm_id, &name);
        call.write_u32(to, token?)
    });
    link!(linker, Enqueue, |call, token, value, size| {
        let item = call.read((value, size))?;
        call.state().shared.lock().queues.enqueue(token, &item)
    });
    link!(linker, Dequeue, |call, token, value, size| {
        let item = call.state().shared.lock().queues.dequeue(token);
        call.give(&item?, (value, size))
    });
    Ok(())
}

fn register(call: &mut Call<'_, '_>, name: (u32, u32), token: u32) -> Done {
    let name = call.read(name)?;
    let state = call.state();
    let consumer = Consumer {
        vm: state.vm,
        root: state.root_id(),
    };
    let mut shared = state.shared.lock();
    let queues = &mut shared.queues;
    let number = queues.register(&state.settings.vm_id, &name, consumer);
    drop(shared);
    call.write_u32(token, number)
}
