//! What the tests here share: gateways that follow the feed, figures that are read.

use std::net::SocketAddr;
use std::time::Duration;

use keystile_protocol::state::Page;
use keystile_protocol::wire;
use stage::client::{Connection, Request, Response};
use stage::registry::Registry;

/// Asks for a page of the feed with a gateway's token.
pub(crate) fn poll(registry: &Registry, cursor: (&str, i64), wait_ms: u64) -> Request {
    let (epoch, after) = cursor;
    let uri = format!(
        "/gateway/v1/state?epoch={epoch}&after={after}&wait_ms={wait_ms}&gateway=test&vm=1"
    );
    Request::get(uri).header(
        "authorization",
        format!("Bearer {}", registry.gateway_token()),
    )
}

/// Reads the feed to its end and returns where that is.
pub(crate) fn end_of_feed(registry: &Registry) -> (String, i64) {
    let mut cursor = (String::new(), 0);
    loop {
        let request = poll(registry, (&cursor.0, cursor.1), 0);
        let page = page(&request.send(registry.listeners().gateway).unwrap());
        cursor = (page.epoch.to_string(), page.last.0);
        if page.is_complete() {
            return cursor;
        }
    }
}

/// Reads a page.
pub(crate) fn page(response: &Response) -> Page {
    assert_eq!(response.status, 200, "{}", response.text());
    wire::decode(&response.body).unwrap()
}

/// Asks and expects the answer to take a while.
pub(crate) fn wait_for(address: SocketAddr, request: &Request, patience: Duration) -> Response {
    let mut connection = Connection::open(address).unwrap().patience(patience);
    connection.exchange(request).unwrap()
}

/// Reads a figure, whatever its labels.
pub(crate) fn figure(text: &str, name: &str) -> Option<f64> {
    text.lines()
        .find(|line| line.starts_with(name) && line[name.len()..].starts_with([' ', '{']))
        .and_then(|line| line.rsplit(' ').next()?.parse().ok())
}

/// Reads everything `/metrics` says.
pub(crate) fn figures(address: SocketAddr) -> String {
    let answer = Request::get("/metrics").send(address).unwrap();
    assert_eq!(answer.status, 200);
    answer.text().into_owned()
}

/// Counts the files a process has open.
pub(crate) fn open_files(registry: &Registry) -> usize {
    let id = registry.process_id().unwrap();
    std::fs::read_dir(format!("/proc/{id}/fd")).unwrap().count()
}
