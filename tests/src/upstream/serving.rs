//! Takes connections and answers them, a thread for each.

use std::collections::HashMap;
use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use serde_json::json;

use super::recorded::Record;
use crate::http1::{Framing, Head, MessageReader, ReadError};

/// The listening side of an upstream.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    record: Arc<Record>,
    open: Mutex<Connections>,
}

#[derive(Debug, Default)]
struct Connections {
    is_stopping: bool,
    next: usize,
    streams: HashMap<usize, TcpStream>,
}

// === impl Server ===

impl Server {
    pub(super) fn new(address: SocketAddr, record: Arc<Record>) -> Self {
        Self {
            address,
            record,
            open: Mutex::default(),
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn spawn(self: &Arc<Self>, listener: TcpListener) -> JoinHandle<()> {
        let server = Arc::clone(self);
        thread::spawn(move || server.accept(&listener))
    }

    /// Ends every connection and the thread that accepts them.
    pub(super) fn stop(&self) {
        let mut open = self.lock();
        open.is_stopping = true;
        for (_, stream) in open.streams.drain() {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(open);
        // `accept` has no other way to be woken; if nothing listens any more, it has ended.
        let _ = TcpStream::connect(self.address);
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            let Ok((stream, second)) = stream.and_then(|it| Ok((it.try_clone()?, it))) else {
                continue;
            };
            let Some(number) = self.lock().add(second) else {
                return;
            };
            let server = Arc::clone(self);
            // Its end is its connection's: the other side closes it, or `stop` does.
            thread::spawn(move || {
                server.serve(stream);
                server.lock().streams.remove(&number);
            });
        }
    }

    /// Answers requests until the connection ends.
    fn serve(&self, mut stream: TcpStream) {
        let Ok(reading) = stream.try_clone() else {
            return;
        };
        let mut reader = MessageReader::new(reading);
        while self.answer(&mut reader, &mut stream).is_ok() {}
        // It may be closed already.
        let _ = stream.shutdown(Shutdown::Both);
    }

    fn answer(&self, reader: &mut MessageReader, stream: &mut TcpStream) -> Result<(), ReadError> {
        let head = reader.head()?;
        let number = self.record.begin(head.clone());
        let body = reader.body(head.framing().unwrap_or(Framing::Empty));
        let cut_off = body.cut_off.clone();
        let response = response(&head, body.bytes.len());
        self.record.finish(number, body);
        match cut_off {
            Some(error) => Err(error),
            None => Ok(stream.write_all(&response)?),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Connections ===

impl Connections {
    /// Keeps a connection so that it can be ended; [`None`] once they have been.
    fn add(&mut self, stream: TcpStream) -> Option<usize> {
        if self.is_stopping {
            return None;
        }
        let number = self.next;
        self.next += 1;
        self.streams.insert(number, stream);
        Some(number)
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
