//! The servers that filters in the harness ask.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use proxy_wasm_harness::{Callout, CalloutAnswer, GrpcAnswer, GrpcEvent, Headers, Response, Vm};

use crate::service::{self, Deed, Method, Question, REFUSES};

/// Answers what a filter asks over HTTP.
pub(super) fn answer(callout: &Callout) -> CalloutAnswer {
    if callout.cluster == REFUSES {
        return CalloutAnswer::Reset;
    }
    let deed = service::serve(&Question {
        method: callout.method().unwrap_or_default(),
        path: callout.path().unwrap_or_default(),
        asks: callout.headers.text("t-asks").unwrap_or_default(),
        body: &callout.body,
    });
    match deed {
        Deed::Nothing => CalloutAnswer::Pending,
        Deed::HangUp => CalloutAnswer::HangUp,
        Deed::Answer {
            status,
            headers,
            body,
            trailers,
            after_ms,
        } => {
            let mut response = Response::new(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            if trailers.is_empty() {
                response = response.header("content-length", body.len().to_string());
            }
            for (name, value) in trailers {
                response = response.trailer(name, value);
            }
            CalloutAnswer::After(Duration::from_millis(after_ms), response.body(body))
        }
    }
}

/// Does what the gRPC server does.
pub(super) fn serve_grpc(vm: &mut Vm, answered: &mut BTreeMap<u32, usize>) {
    for call in vm.pending_grpc_calls() {
        let answer = match Method::of(&call.method) {
            _ if call.cluster == REFUSES => GrpcAnswer::Unreachable,
            Method::Echo | Method::Chat => GrpcAnswer::Message(call.message),
            Method::Fail => GrpcAnswer::Failure(7, "denied".to_owned()),
            Method::Never => continue,
        };
        vm.answer_grpc(call.token, answer);
    }
    for stream in vm.grpc_streams() {
        match Method::of(&stream.method) {
            Method::Fail => {
                vm.push(stream.token, GrpcEvent::Close(7, "denied".to_owned()));
            }
            Method::Chat => chat(vm, stream.token, answered),
            Method::Echo | Method::Never => {}
        }
    }
}

fn chat(vm: &mut Vm, token: u32, answered: &mut BTreeMap<u32, usize>) {
    if let Entry::Vacant(entry) = answered.entry(token) {
        entry.insert(0);
        let metadata = Headers::from([("t-initial", "hello")]);
        vm.push(token, GrpcEvent::InitialMetadata(metadata));
    }
    while let Some(stream) = vm.grpc_streams().into_iter().find(|it| it.token == token) {
        let count = answered.entry(token).or_default();
        if let Some(message) = stream.sent.get(*count) {
            *count += 1;
            vm.push(token, GrpcEvent::Message(message.clone()));
        } else if stream.half_closed {
            let metadata = Headers::from([("t-trailing", "bye")]);
            vm.push(token, GrpcEvent::TrailingMetadata(metadata));
            vm.push(token, GrpcEvent::Close(0, String::new()));
            return;
        } else {
            return;
        }
    }
}
