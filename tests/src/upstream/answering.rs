//! Takes requests off a connection, records them and answers them.

use std::io::Write;
use std::net::TcpStream;

use serde_json::json;

use super::recorded::Record;
use crate::http1::{Framing, Head, MessageReader, ReadError};

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
    let mut response = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        echo.len()
    );
    if request.start_part(0) != b"HEAD" {
        response.push_str(&echo);
    }
    response.into_bytes()
}
