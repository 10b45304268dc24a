//! HTTP callouts, and the status of the last failed one.

use std::time::Duration;

use wasmtime::{Linker, Result};

use crate::abi::status::Status;
use crate::callout::{Callout, PendingCallout, Progress};
use crate::memory::{Call, Done};
use crate::shared::nanoseconds;
use crate::state::State;

pub(super) fn define(linker: &mut Linker<State>) -> Result<()> {
    link!(linker, HttpCall, |call,
                             cluster,
                             cluster_size,
                             headers,
                             headers_size,
                             body,
                             body_size,
                             trailers,
                             trailers_size,
                             timeout,
                             token| {
        call.write_u32(token, 0)?;
        let callout = Callout {
            token: 0,
            cluster: call.read_text((cluster, cluster_size))?,
            headers: call.read_pairs((headers, headers_size))?,
            body: call.read((body, body_size))?,
            trailers: call.read_pairs((trailers, trailers_size))?,
            timeout: milliseconds(timeout)?,
        };
        let number = dispatch(call.state_mut(), callout)?;
        call.write_u32(token, number)
    });
    link!(linker, GetStatus, |call, code, message, size| status(
        call,
        code,
        (message, size)
    ));
    Ok(())
}

/// A timeout is a signed number; 0 waits for ever.
pub(super) fn milliseconds(timeout: u32) -> std::result::Result<Option<Duration>, Status> {
    if i32::try_from(timeout).is_err() {
        return Err(Status::BadArgument);
    }
    Ok((timeout > 0).then(|| Duration::from_millis(timeout.into())))
}

fn dispatch(state: &mut State, mut callout: Callout) -> std::result::Result<u32, Status> {
    let needed = [":path", ":method", ":authority"];
    let complete = needed.iter().all(|name| callout.headers.contains(name));
    if !complete || !state.settings.knows_cluster(&callout.cluster) {
        return Err(Status::BadArgument);
    }
    if !callout.body.is_empty() {
        let length = callout.body.len().to_string();
        callout.headers.set("content-length", length);
    }
    // Tokens of HTTP callouts are multiples of four (cpp-host `CalloutType`).
    state.next_callout += 4;
    callout.token = state.next_callout;
    let deadline = callout
        .timeout
        .map(|timeout| state.now() + nanoseconds(timeout));
    let pending = PendingCallout {
        root: state.root_id(),
        deadline,
        progress: Progress::Fresh,
        callout,
    };
    let token = pending.callout.token;
    state.callouts.insert(token, pending);
    Ok(token)
}

fn status(call: &mut Call<'_, '_>, code: u32, place: (u32, u32)) -> Done {
    let root = call.state().root();
    let (number, message) = root.map(|root| root.status.clone()).unwrap_or_default();
    call.write_u32(code, number)?;
    call.give(message.as_bytes(), place)
}
