//! Resuming, resetting and answering a stream.

use wasmtime::{Caller, Linker, Result};

use crate::abi::call::HostCall;
use crate::abi::kind::StreamKind;
use crate::abi::status::Status;
use crate::memory::{Call, Done, host_call};
use crate::state::{Action, State};
use crate::stream::Side;
use crate::stream::local_reply::LocalReply;

/// The greatest gRPC status (`UNAUTHENTICATED`); anything else means "none given".
const GREATEST_GRPC_STATUS: u32 = 16;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(
        "env",
        "proxy_continue_stream",
        |mut caller: Caller<'_, State>, kind: u32| {
            host_call(&mut caller, HostCall::ContinueStream, |call| {
                resume(call, StreamKind::try_from(kind)?)
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_close_stream",
        |mut caller: Caller<'_, State>, kind: u32| {
            host_call(&mut caller, HostCall::CloseStream, |call| {
                close(call, StreamKind::try_from(kind)?)
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_send_local_response",
        |mut caller: Caller<'_, State>,
         status: u32,
         details: u32,
         details_size: u32,
         body: u32,
         body_size: u32,
         headers: u32,
         headers_size: u32,
         grpc_status: u32| {
            host_call(&mut caller, HostCall::SendLocalResponse, |call| {
                call.read((details, details_size))?;
                let reply = LocalReply {
                    status,
                    headers: call.read_pairs((headers, headers_size))?,
                    body: call.read((body, body_size))?,
                    grpc_status: (grpc_status <= GREATEST_GRPC_STATUS).then_some(grpc_status),
                };
                answer(call.state_mut(), reply);
                Ok(())
            })
        },
    )?;
    Ok(())
}

/// Resumes after the running callback; the request's maps are out of reach from now on, even
/// if it is the response that goes on (Envoy `Context::continueStream`).
fn resume(call: &mut Call<'_, '_>, kind: StreamKind) -> Done {
    let side = match kind {
        StreamKind::Request => Side::Request,
        StreamKind::Response => Side::Response,
        StreamKind::Downstream => return Ok(()),
        StreamKind::Upstream => return Err(Status::Unimplemented),
    };
    let state = call.state_mut();
    let context = state.context();
    if let Some(stream) = state.streams.get_mut(&context) {
        stream.request.hide();
        state.deferred.push_back(Action::Continue(context, side));
    }
    Ok(())
}

fn close(call: &mut Call<'_, '_>, kind: StreamKind) -> Done {
    if matches!(kind, StreamKind::Request | StreamKind::Response) {
        let state = call.state_mut();
        let context = state.context();
        state.deferred.push_back(Action::Reset(context));
    }
    Ok(())
}

fn answer(state: &mut State, reply: LocalReply) {
    // The flag is the whole machine's, so it parks the running stream even if the answer goes
    // to another one (cpp-host `stopNextIteration`).
    state.stop_iteration = true;
    let context = state.context();
    if state.streams.contains_key(&context) {
        state.deferred.push_back(Action::Reply(context, reply));
    }
}
