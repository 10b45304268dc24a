//! Takes requests off a connection, records them and answers them.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::recorded::Record;
use crate::http1::{Framing, Head, MessageReader, ReadError};

/// The header of a request that says what status to answer it with.
const STATUS: &str = "x-stage-status";

/// The header of a request that says how many milliseconds its answer takes.
const DELAY_MS: &str = "x-stage-delay-ms";

/// Answers requests until the connection ends.
pub(super) fn serve(record: &Record, mut stream: TcpStream) {
    let Ok(reading) = stream.try_clone() else {
        return;
    };
    let mut reader = MessageReader::new(reading);
    while answer(record, &mut reader, &mut stream).is_ok() {}
}

fn answer(
    record: &Record,
    reader: &mut MessageReader,
    stream: &mut TcpStream,
) -> Result<(), ReadError> {
    let head = reader.head()?;
    let number = record.begin(head.clone());
    let body = reader.body(head.framing().unwrap_or(Framing::Empty));
    let cut_off = body.cut_off.clone();
    let response = response(&head, body.bytes.len());
    record.finish(number, body);
    thread::sleep(Duration::from_millis(wish(&head, DELAY_MS).unwrap_or(0)));
    match cut_off {
        Some(error) => Err(error),
        None => Ok(stream.write_all(&response)?),
    }
}

fn response(request: &Head, body_length: usize) -> Vec<u8> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let lines: Vec<_> = request
        .lines
        .iter()
        .map(|line| json!([text(&line.name), text(&line.value)]))
        .collect();
    let echo = json!({
        "method": text(request.start_part(0)),
        "target": text(request.start_part(1)),
        "headers": lines,
        "body_bytes": body_length,
    })
    .to_string();
    let status = wish(request, STATUS).unwrap_or(200);
    let mut response = format!(
        "HTTP/1.1 {status} As wished\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        echo.len()
    );
    if request.start_part(0) != b"HEAD" {
        response.push_str(&echo);
    }
    response.into_bytes()
}

/// Reads a number that a request asks for.
fn wish(request: &Head, name: &str) -> Option<u64> {
    let value = request.values(name).into_iter().next()?;
    str::from_utf8(value).ok()?.parse().ok()
}
