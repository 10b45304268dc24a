//! gRPC calls and streams.

use wasmtime::{Linker, Result};

use crate::abi::status::Status;
use crate::grpc::{GrpcCall, GrpcStream, OpenStream, PendingCall};
use crate::imports::callouts::milliseconds;
use crate::memory::{Call, Done};
use crate::shared::nanoseconds;
use crate::state::State;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    link!(linker, GrpcCall, |call,
                             cluster,
                             cluster_size,
                             service,
                             service_size,
                             method,
                             method_size,
                             metadata,
                             metadata_size,
                             message,
                             message_size,
                             timeout,
                             token| {
        let request = GrpcCall {
            token: 0,
            cluster: call.read_text((cluster, cluster_size))?,
            service: call.read_text((service, service_size))?,
            method: call.read_text((method, method_size))?,
            metadata: call.read_pairs((metadata, metadata_size))?,
            message: call.read((message, message_size))?,
            timeout: milliseconds(timeout)?,
        };
        let number = dispatch(call.state_mut(), request)?;
        call.write_u32(token, number)
    });
    define_streams(linker)
}

fn define_streams(linker: &mut Linker<State>) -> Result<()> {
    link!(linker, GrpcStream, |call,
                               cluster,
                               cluster_size,
                               service,
                               service_size,
                               method,
                               method_size,
                               metadata,
                               metadata_size,
                               token| {
        let stream = GrpcStream {
            token: 0,
            cluster: call.read_text((cluster, cluster_size))?,
            service: call.read_text((service, service_size))?,
            method: call.read_text((method, method_size))?,
            metadata: call.read_pairs((metadata, metadata_size))?,
            sent: Vec::new(),
            half_closed: false,
        };
        let number = open(call.state_mut(), stream)?;
        call.write_u32(token, number)
    });
    link!(linker, GrpcSend, |call, token, message, size, end| {
        send(call, token, ((message, size), end))
    });
    link!(linker, GrpcClose, |call, token| close(
        call.state_mut(),
        token
    ));
    link!(linker, GrpcCancel, |call, token| cancel(
        call.state_mut(),
        token
    ));
    Ok(())
}

fn dispatch(state: &mut State, mut call: GrpcCall) -> std::result::Result<u32, Status> {
    // Envoy first tries to read the name as a `GrpcService` message, hence the status.
    if !state.settings.knows_cluster(&call.cluster) {
        return Err(Status::ParseFailure);
    }
    state.next_grpc_call += 4;
    call.token = state.next_grpc_call;
    let pending = PendingCall {
        root: state.root_id(),
        deadline: call
            .timeout
            .map(|timeout| state.now() + nanoseconds(timeout)),
        call,
    };
    let token = pending.call.token;
    state.grpc_calls.insert(token, pending);
    Ok(token)
}

fn open(state: &mut State, mut stream: GrpcStream) -> std::result::Result<u32, Status> {
    if !state.settings.knows_cluster(&stream.cluster) {
        return Err(Status::ParseFailure);
    }
    state.next_grpc_stream += 4;
    stream.token = state.next_grpc_stream;
    let open = OpenStream {
        root: state.root_id(),
        remote_closed: false,
        stream,
    };
    let token = open.stream.token;
    state.grpc_streams.insert(token, open);
    Ok(token)
}

fn send(call: &mut Call<'_, '_>, token: u32, (message, end): ((u32, u32), u32)) -> Done {
    let message = call.read(message)?;
    if !is_stream(token) {
        return Err(Status::BadArgument);
    }
    let streams = &mut call.state_mut().grpc_streams;
    let open = streams.get_mut(&token).ok_or(Status::NotFound)?;
    open.stream.sent.push(message);
    open.stream.half_closed |= end != 0;
    Ok(())
}

/// Closes the filter's side; the entry lives until the server closed as well.
fn close(state: &mut State, token: u32) -> Done {
    if !is_stream(token) {
        return cancel(state, token);
    }
    let streams = &mut state.grpc_streams;
    let open = streams.get_mut(&token).ok_or(Status::NotFound)?;
    open.stream.half_closed = true;
    if open.remote_closed {
        streams.remove(&token);
    }
    Ok(())
}

fn cancel(state: &mut State, token: u32) -> Done {
    if !is_stream(token) && !is_call(token) {
        return Err(Status::BadArgument);
    }
    let call = state.grpc_calls.remove(&token).map(drop);
    let stream = state.grpc_streams.remove(&token).map(drop);
    call.or(stream).ok_or(Status::NotFound)
}

fn is_call(token: u32) -> bool {
    token & 3 == 1
}

/// The two lowest bits tell what a token stands for (cpp-host `CalloutType`).
fn is_stream(token: u32) -> bool {
    token & 3 == 2
}
