//! Resuming, resetting and answering a stream.

use wasmtime::{Linker, Result};

use crate::abi::kind::StreamKind;
use crate::abi::status::Status;
use crate::memory::Done;
use crate::state::{Action, State};
use crate::stream::Side;
use crate::stream::local_reply::LocalReply;

/// The greatest gRPC status (`UNAUTHENTICATED`); anything else means "none given".
const GREATEST_GRPC_STATUS: u32 = 16;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    link!(linker, ContinueStream, |call, kind| resume(
        call.state_mut(),
        StreamKind::try_from(kind)?
    ));
    link!(linker, CloseStream, |call, kind| {
        close(call.state_mut(), StreamKind::try_from(kind)?);
        Ok(())
    });
    link!(
        linker,
        SendLocalResponse,
        |call,
         status,
         details,
         details_size,
         body,
         body_size,
         headers,
         headers_size,
         grpc_status| {
            call.read((details, details_size))?;
            let reply = LocalReply {
                status,
                headers: call.read_pairs((headers, headers_size))?,
                body: call.read((body, body_size))?,
                grpc_status: (grpc_status <= GREATEST_GRPC_STATUS).then_some(grpc_status),
            };
            answer(call.state_mut(), reply);
            Ok(())
        }
    );
    Ok(())
}

/// Resumes after the running callback; the request's maps are out of reach from now on, even
/// if it is the response that goes on (Envoy `Context::continueStream`).
fn resume(state: &mut State, kind: StreamKind) -> Done {
    let side = match kind {
        StreamKind::Request => Side::Request,
        StreamKind::Response => Side::Response,
        StreamKind::Downstream => return Ok(()),
        StreamKind::Upstream => return Err(Status::Unimplemented),
    };
    let context = state.context();
    if let Some(stream) = state.streams.get_mut(&context) {
        stream.request.hide();
        state.deferred.push_back(Action::Continue(context, side));
    }
    Ok(())
}

fn close(state: &mut State, kind: StreamKind) {
    if matches!(kind, StreamKind::Request | StreamKind::Response) {
        let context = state.context();
        state.deferred.push_back(Action::Reset(context));
    }
}

fn answer(state: &mut State, reply: LocalReply) {
    // The flag is the whole machine's, so it parks the running stream even if the answer goes
    // to another one (cpp-host `stopNextIteration`).
    state.stop_iteration = true;
    let context = state.context();
    let stream = state.streams.get_mut(&context);
    if let Some(stream) = stream.filter(|stream| !stream.reply_asked) {
        stream.reply_asked = true;
        state.deferred.push_back(Action::Reply(context, reply));
    }
}
