//! Bodies, configurations and other buffers.

use wasmtime::{Linker, Result};

use crate::abi::kind::BufferKind;
use crate::abi::status::Status;
use crate::memory::{Call, Done};
use crate::state::State;
use crate::stream::Side;
use crate::stream::half::Half;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    link!(linker, GetBuffer, |call, kind, start, most, data, size| {
        let bytes = slice(bytes(call.state(), kind)?, start, most)?.to_vec();
        call.give(&bytes, (data, size))
    });
    link!(linker, BufferStatus, |call, kind, size, flags| {
        let length = bytes(call.state(), kind)?.len();
        call.write_u32(size, u32::try_from(length).unwrap_or(u32::MAX))?;
        call.write_u32(flags, 0)
    });
    link!(linker, SetBuffer, |call, kind, start, old, data, size| {
        let new = call.read((data, size))?;
        replace(call, kind, (start, old), &new)
    });
    Ok(())
}

fn slice(bytes: &[u8], start: u32, most: u32) -> std::result::Result<&[u8], Status> {
    let end = start.checked_add(most).ok_or(Status::BadArgument)? as usize;
    let end = end.min(bytes.len());
    Ok(bytes.get(start as usize..end).unwrap_or_default())
}

/// Returns a buffer's bytes; a body that is not there now reads as nothing, as in Envoy.
fn bytes(state: &State, kind: u32) -> std::result::Result<&[u8], Status> {
    let found = match BufferKind::try_from(kind)? {
        BufferKind::RequestBody => Some(body(state, Side::Request)),
        BufferKind::ResponseBody => Some(body(state, Side::Response)),
        BufferKind::CallResponseBody => {
            let response = state.root().and_then(|root| root.call_response.as_ref());
            response.map(|response| response.body.as_slice())
        }
        BufferKind::GrpcMessage => {
            let message = state.root().map(|root| root.grpc_message.as_slice());
            Some(message.unwrap_or_default())
        }
        BufferKind::VmConfiguration => Some(state.settings.vm_configuration.as_slice()),
        BufferKind::PluginConfiguration => state.configuring.as_deref(),
        BufferKind::CallData => Some(state.call_data.as_slice()),
        BufferKind::Absent => Some([].as_slice()),
    };
    found.ok_or(Status::NotFound)
}

fn body(state: &State, side: Side) -> &[u8] {
    let half = state.stream().and_then(|stream| stream.half(side));
    half.map(Half::body).unwrap_or_default()
}

/// Replaces the beginning or all of a body, prepends or appends; anything in the middle is refused
/// (Envoy `Buffer::copyFrom`).
fn replace(call: &mut Call<'_, '_>, kind: u32, (start, old): (u32, u32), new: &[u8]) -> Done {
    let side = match BufferKind::try_from(kind)? {
        BufferKind::RequestBody => Side::Request,
        BufferKind::ResponseBody => Side::Response,
        _ => {
            bytes(call.state(), kind)?;
            return Err(Status::BadArgument);
        }
    };
    let stream = call.state_mut().stream_mut().ok_or(Status::BadArgument)?;
    let half = stream.half_mut(side).ok_or(Status::BadArgument)?;
    let body = half.body_mut().ok_or(Status::BadArgument)?;
    match (start as usize, old as usize) {
        (0, old) => drop(body.splice(..old.min(body.len()), new.iter().copied())),
        (start, _) if start >= body.len() => body.extend_from_slice(new),
        _ => return Err(Status::BadArgument),
    }
    Ok(())
}
