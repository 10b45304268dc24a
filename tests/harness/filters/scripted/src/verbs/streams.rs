//! Letting streams go on, ending them, answering them, acting for others.

use proxy_wasm::hostcalls;
use proxy_wasm::types::GrpcStatusCode;

use super::{bytes, ended, number};
use crate::plugin::{Memory, Place};

/// A context that never was.
const NOBODY: u32 = 9_999_999;

pub(super) fn perform(memory: &mut Memory, place: Place<'_>, words: &[&str]) -> Option<String> {
    Some(match *words {
        ["resume", "request"] => ended(hostcalls::resume_http_request()),
        ["resume", "response"] => ended(hostcalls::resume_http_response()),
        ["resume", "downstream"] => ended(hostcalls::resume_downstream()),
        ["reset", "request"] => ended(hostcalls::reset_http_request()),
        ["reset", "response"] => ended(hostcalls::reset_http_response()),
        ["reply", status] => ended(hostcalls::send_http_response(
            number(status),
            Vec::new(),
            None,
        )),
        ["reply", status, body] => ended(hostcalls::send_http_response(
            number(status),
            vec![("t-reply", "yes")],
            Some(&bytes(body)),
        )),
        ["reply-typed", status, body] => ended(hostcalls::send_http_response(
            number(status),
            vec![("content-type", "application/json")],
            Some(&bytes(body)),
        )),
        ["reply-grpc", text] => ended(hostcalls::send_grpc_response(
            GrpcStatusCode::PermissionDenied,
            Some(text),
            vec![("t-reply", b"yes")],
        )),
        ["wait"] => {
            memory.waiting.push_back(place.context);
            "Ok".to_owned()
        }
        ["act", "waiting"] => {
            let context = memory.waiting.pop_front().unwrap_or(NOBODY);
            ended(hostcalls::set_effective_context(context))
        }
        ["act", "nobody"] => ended(hostcalls::set_effective_context(NOBODY)),
        ["done"] => ended(hostcalls::done()),
        _ => return None,
    })
}
