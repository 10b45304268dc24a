//! Header maps: requests, responses, trailers, callout responses.

use wasmtime::{Caller, Linker, Result};

use crate::abi::call::HostCall;
use crate::abi::kind::MapKind;
use crate::abi::status::Status;
use crate::memory::{Call, Done, host_call};
use crate::state::State;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    define_whole(linker)?;
    define_reading(linker)?;
    linker.func_wrap(
        "env",
        "proxy_add_header_map_value",
        |mut caller: Caller<'_, State>,
         kind: u32,
         name: u32,
         length: u32,
         value: u32,
         size: u32| {
            host_call(&mut caller, HostCall::AddHeader, |call| {
                let (name, value) = (call.read_text((name, length))?, call.read((value, size))?);
                let map = call.state_mut().writable_map(MapKind::try_from(kind)?)?;
                map.add(&name, value);
                Ok(())
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_replace_header_map_value",
        |mut caller: Caller<'_, State>,
         kind: u32,
         name: u32,
         length: u32,
         value: u32,
         size: u32| {
            host_call(&mut caller, HostCall::SetHeader, |call| {
                let (name, value) = (call.read_text((name, length))?, call.read((value, size))?);
                let map = call.state_mut().writable_map(MapKind::try_from(kind)?)?;
                map.set(&name, value);
                Ok(())
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_remove_header_map_value",
        |mut caller: Caller<'_, State>, kind: u32, name: u32, length: u32| {
            host_call(&mut caller, HostCall::RemoveHeader, |call| {
                let name = call.read_text((name, length))?;
                let map = call.state_mut().writable_map(MapKind::try_from(kind)?)?;
                map.remove(&name);
                Ok(())
            })
        },
    )?;
    Ok(())
}

fn define_whole(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(
        "env",
        "proxy_get_header_map_pairs",
        |mut caller: Caller<'_, State>, kind: u32, data: u32, size: u32| {
            host_call(&mut caller, HostCall::GetHeaders, |call| {
                // An absent map reads as an empty one here, and only here (Envoy `context.cc`).
                let kind = MapKind::try_from(kind)?;
                let map = call.state().readable_map(kind).cloned();
                call.give_pairs(map.as_ref(), (data, size))
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_set_header_map_pairs",
        |mut caller: Caller<'_, State>, kind: u32, data: u32, size: u32| {
            host_call(&mut caller, HostCall::SetHeaders, |call| {
                let pairs = call.read_pairs((data, size))?;
                *call.state_mut().writable_map(MapKind::try_from(kind)?)? = pairs;
                Ok(())
            })
        },
    )?;
    Ok(())
}

fn define_reading(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(
        "env",
        "proxy_get_header_map_value",
        |mut caller: Caller<'_, State>,
         kind: u32,
         name: u32,
         length: u32,
         value: u32,
         size: u32| {
            host_call(&mut caller, HostCall::GetHeader, |call| {
                let name = call.read_text((name, length))?;
                get(call, MapKind::try_from(kind)?, &name, (value, size))
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_get_header_map_size",
        |mut caller: Caller<'_, State>, kind: u32, size: u32| {
            host_call(&mut caller, HostCall::HeadersSize, |call| {
                let map = call.state().readable_map(MapKind::try_from(kind)?);
                let bytes = map.ok_or(Status::BadArgument)?.byte_size();
                call.write_u32(size, u32::try_from(bytes).unwrap_or(u32::MAX))
            })
        },
    )?;
    Ok(())
}

fn get(call: &mut Call<'_, '_>, kind: MapKind, name: &str, place: (u32, u32)) -> Done {
    let state = call.state();
    let in_log = state.stream().is_some_and(|stream| stream.log_phase);
    let Some(map) = state.readable_map(kind) else {
        // In the log phase an absent map is merely empty (Envoy `access_log_phase_`).
        return Err(if in_log {
            Status::NotFound
        } else {
            Status::BadArgument
        });
    };
    let value = map.get(name).ok_or(Status::NotFound)?.to_vec();
    call.give(&value, place)
}
