//! Asking other services.

use std::time::Duration;

use proxy_wasm::hostcalls;
use proxy_wasm::types::Status;

use super::{bytes, ended, number, told};
use crate::plugin::Memory;

const SERVICE: &str = "equivalence.Test";

pub(super) fn perform(memory: &mut Memory, words: &[&str]) -> Option<String> {
    Some(match *words {
        ["call", cluster, path, timeout] => call((cluster, path), timeout, None),
        ["call", cluster, path, timeout, body] => {
            call((cluster, path), timeout, Some(&bytes(body)))
        }
        ["call-without-path", cluster] => {
            let headers = vec![(":method", "GET"), (":authority", "service")];
            dispatch(cluster, headers, (None, "100"))
        }
        ["grpc", cluster, method, timeout, message] => {
            grpc(memory, (cluster, method), (timeout, message))
        }
        ["open", cluster, method] => open(memory, cluster, method),
        ["send", text] => send(memory.token, (text, false)),
        ["send-last", text] => send(memory.token, (text, true)),
        ["close"] => ended(hostcalls::close_grpc_stream(memory.token)),
        ["cancel"] => ended(hostcalls::cancel_grpc_stream(memory.token)),
        ["cancel-call"] => ended(hostcalls::cancel_grpc_call(memory.token)),
        ["status"] => told(hostcalls::get_grpc_status(), |status| format!("{status:?}")),
        _ => return None,
    })
}

fn call((cluster, path): (&str, &str), timeout: &str, body: Option<&[u8]>) -> String {
    let headers = vec![
        (":method", if body.is_some() { "POST" } else { "GET" }),
        (":path", path),
        (":authority", "service"),
        ("t-asks", "yes"),
    ];
    dispatch(cluster, headers, (body, timeout))
}

fn dispatch(
    cluster: &str,
    headers: Vec<(&str, &str)>,
    (body, timeout): (Option<&[u8]>, &str),
) -> String {
    let timeout = milliseconds(timeout);
    let result = hostcalls::dispatch_http_call(cluster, headers, body, Vec::new(), timeout);
    told(result, |_| "Ok".to_owned())
}

fn grpc(
    memory: &mut Memory,
    (cluster, method): (&str, &str),
    (timeout, message): (&str, &str),
) -> String {
    let metadata = vec![("t-metadata", b"1".as_slice())];
    let message = Some(message.as_bytes());
    let timeout = milliseconds(timeout);
    let result =
        hostcalls::dispatch_grpc_call(cluster, SERVICE, method, metadata, message, timeout);
    remember(memory, result)
}

fn open(memory: &mut Memory, cluster: &str, method: &str) -> String {
    let metadata = vec![("t-metadata", b"1".as_slice())];
    let result = hostcalls::open_grpc_stream(cluster, SERVICE, method, metadata);
    remember(memory, result)
}

fn send(token: u32, (text, is_last): (&str, bool)) -> String {
    let message = Some(text.as_bytes());
    ended(hostcalls::send_grpc_stream_message(token, message, is_last))
}

fn remember(memory: &mut Memory, result: Result<u32, Status>) -> String {
    told(result, |token| {
        memory.token = token;
        "Ok".to_owned()
    })
}

fn milliseconds(word: &str) -> Duration {
    Duration::from_millis(number(word))
}
