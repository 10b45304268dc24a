//! Bodies, configurations and other buffers.

use wasmtime::{Caller, Linker, Result};

use crate::abi::call::HostCall;
use crate::abi::kind::BufferKind;
use crate::abi::status::Status;
use crate::memory::{Call, Done, host_call};
use crate::state::State;
use crate::stream::Side;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(
        "env",
        "proxy_get_buffer_bytes",
        |mut caller: Caller<'_, State>, kind: u32, start: u32, most: u32, data: u32, size: u32| {
            host_call(&mut caller, HostCall::GetBuffer, |call| {
                let bytes = slice(call.state(), kind, start, most)?;
                call.give(&bytes, (data, size))
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_get_buffer_status",
        |mut caller: Caller<'_, State>, kind: u32, size: u32, flags: u32| {
            host_call(&mut caller, HostCall::BufferStatus, |call| {
                let length = bytes(call.state(), BufferKind::try_from(kind)?)?.len();
                call.write_u32(size, u32::try_from(length).unwrap_or(u32::MAX))?;
                call.write_u32(flags, 0)
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_set_buffer_bytes",
        |mut caller: Caller<'_, State>, kind: u32, start: u32, old: u32, data: u32, size: u32| {
            host_call(&mut caller, HostCall::SetBuffer, |call| {
                let new = call.read((data, size))?;
                replace(call, BufferKind::try_from(kind)?, (start, old), &new)
            })
        },
    )?;
    Ok(())
}

fn slice(state: &State, kind: u32, start: u32, most: u32) -> std::result::Result<Vec<u8>, Status> {
    let bytes = bytes(state, BufferKind::try_from(kind)?)?;
    let end = start.checked_add(most).ok_or(Status::BadArgument)? as usize;
    let end = end.min(bytes.len());
    Ok(bytes
        .get(start as usize..end)
        .map(<[u8]>::to_vec)
        .unwrap_or_default())
}

/// Returns a buffer's bytes; a body that is not there now reads as nothing, as in Envoy.
fn bytes(state: &State, kind: BufferKind) -> std::result::Result<&[u8], Status> {
    let body = |side| {
        let half = state.stream().and_then(|stream| stream.half(side));
        half.map(|half| half.body()).unwrap_or_default()
    };
    let settings = &state.settings;
    match kind {
        BufferKind::RequestBody => Ok(body(Side::Request)),
        BufferKind::ResponseBody => Ok(body(Side::Response)),
        BufferKind::CallResponseBody => {
            let response = state.root().and_then(|root| root.call_response.as_ref());
            response.map(|response| response.body.as_slice())
        }
        .ok_or(Status::NotFound),
        BufferKind::VmConfiguration => Ok(&settings.vm_configuration),
        BufferKind::PluginConfiguration if state.configuring => Ok(&settings.configuration),
        BufferKind::CallData => Ok(&state.call_data),
        BufferKind::GrpcMessage | BufferKind::PluginConfiguration | BufferKind::Absent => {
            Err(Status::NotFound)
        }
    }
}

/// Replaces, prepends or appends; anything in the middle is refused (Envoy `Buffer::copyFrom`).
fn replace(
    call: &mut Call<'_, '_>,
    kind: BufferKind,
    (start, old): (u32, u32),
    new: &[u8],
) -> Done {
    let side = match kind {
        BufferKind::RequestBody => Side::Request,
        BufferKind::ResponseBody => Side::Response,
        BufferKind::Absent => return Err(Status::NotFound),
        _ => return Err(Status::BadArgument),
    };
    let stream = call.state_mut().stream_mut().ok_or(Status::BadArgument)?;
    let half = stream.half_mut(side).ok_or(Status::BadArgument)?;
    let body = half.body_mut().ok_or(Status::BadArgument)?;
    match (start as usize, old as usize) {
        (0, 0) => drop(body.splice(0..0, new.iter().copied())),
        (0, old) if old >= body.len() => new.clone_into(body),
        (start, _) if start > 0 && start >= body.len() => body.extend_from_slice(new),
        _ => return Err(Status::BadArgument),
    }
    Ok(())
}
