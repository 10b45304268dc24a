//! Shared data and shared queues.

use wasmtime::{Caller, Linker, Result};

use crate::abi::call::HostCall;
use crate::memory::{Call, Done, host_call};
use crate::shared::queue::Consumer;
use crate::state::State;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(
        "env",
        "proxy_get_shared_data",
        |mut caller: Caller<'_, State>, key: u32, length: u32, value: u32, size: u32, cas: u32| {
            host_call(&mut caller, HostCall::GetSharedData, |call| {
                let key = call.read((key, length))?;
                let state = call.state();
                let found = state.shared.lock().data.read(&state.settings.vm_id, &key);
                let (bytes, number) = found?;
                call.give(&bytes, (value, size))?;
                call.write_u32(cas, number)
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_set_shared_data",
        |mut caller: Caller<'_, State>, key: u32, length: u32, value: u32, size: u32, cas: u32| {
            host_call(&mut caller, HostCall::SetSharedData, |call| {
                let (key, value) = (call.read((key, length))?, call.read((value, size))?);
                let state = call.state();
                let mut shared = state.shared.lock();
                shared.data.write(&state.settings.vm_id, &key, &value, cas)
            })
        },
    )?;
    define_finding_queues(linker)?;
    define_using_queues(linker)
}

fn define_finding_queues(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(
        "env",
        "proxy_register_shared_queue",
        |mut caller: Caller<'_, State>, name: u32, length: u32, token: u32| {
            host_call(&mut caller, HostCall::RegisterQueue, |call| {
                register(call, (name, length), token)
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_resolve_shared_queue",
        |mut caller: Caller<'_, State>, vm: u32, vm_size: u32, name: u32, length: u32, to: u32| {
            host_call(&mut caller, HostCall::ResolveQueue, |call| {
                let name = call.read((name, length))?;
                let vm_id = call.read_text((vm, vm_size))?;
                let state = call.state();
                let own = &state.settings.vm_id;
                let vm_id = if vm_id.is_empty() { own } else { &vm_id };
                let token = state.shared.lock().queues.resolve(vm_id, &name);
                call.write_u32(to, token?)
            })
        },
    )?;
    Ok(())
}

fn define_using_queues(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(
        "env",
        "proxy_enqueue_shared_queue",
        |mut caller: Caller<'_, State>, token: u32, value: u32, size: u32| {
            host_call(&mut caller, HostCall::Enqueue, |call| {
                let item = call.read((value, size))?;
                call.state().shared.lock().queues.enqueue(token, &item)
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_dequeue_shared_queue",
        |mut caller: Caller<'_, State>, token: u32, value: u32, size: u32| {
            host_call(&mut caller, HostCall::Dequeue, |call| {
                let item = call.state().shared.lock().queues.dequeue(token);
                call.give(&item?, (value, size))
            })
        },
    )?;
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
    let number = shared
        .queues
        .register(&state.settings.vm_id, &name, consumer);
    drop(shared);
    call.write_u32(token, number)
}
