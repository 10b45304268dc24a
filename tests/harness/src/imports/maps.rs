//! Header maps: requests, responses, trailers, callout responses, gRPC metadata.

use wasmtime::{Linker, Result};

use crate::abi::kind::MapKind;
use crate::abi::status::Status;
use crate::memory::{Call, Done};
use crate::state::State;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    link!(linker, GetHeaders, |call, kind, data, size| {
        // An absent map reads as an empty one here, and only here (Envoy `context.cc`).
        let kind = MapKind::try_from(kind)?;
        let map = call.state().readable_map(kind).cloned();
        call.give_pairs(map.as_ref(), (data, size))
    });
    link!(linker, HeadersSize, |call, kind, size| {
        let map = call.state().readable_map(MapKind::try_from(kind)?);
        let bytes = map.ok_or(Status::BadArgument)?.byte_size();
        call.write_u32(size, u32::try_from(bytes).unwrap_or(u32::MAX))
    });
    link!(linker, GetHeader, |call,
                              kind,
                              name,
                              length,
                              value,
                              size| {
        let name = call.read_text((name, length))?;
        get(call, MapKind::try_from(kind)?, &name, (value, size))
    });
    define_writing(linker)
}

fn define_writing(linker: &mut Linker<State>) -> Result<()> {
    link!(linker, SetHeaders, |call, kind, data, size| {
        let pairs = call.read_pairs((data, size))?;
        *call.state_mut().writable_map(MapKind::try_from(kind)?)? = pairs;
        Ok(())
    });
    link!(linker, AddHeader, |call,
                              kind,
                              name,
                              length,
                              value,
                              size| {
        let (name, value) = (call.read_text((name, length))?, call.read((value, size))?);
        let map = call.state_mut().writable_map(MapKind::try_from(kind)?)?;
        map.add(&name, value);
        Ok(())
    });
    link!(linker, SetHeader, |call,
                              kind,
                              name,
                              length,
                              value,
                              size| {
        let (name, value) = (call.read_text((name, length))?, call.read((value, size))?);
        let map = call.state_mut().writable_map(MapKind::try_from(kind)?)?;
        map.set(&name, value);
        Ok(())
    });
    link!(linker, RemoveHeader, |call, kind, name, length| {
        let name = call.read_text((name, length))?;
        let map = call.state_mut().writable_map(MapKind::try_from(kind)?)?;
        map.remove(&name);
        Ok(())
    });
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
