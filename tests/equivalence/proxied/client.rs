//! A client that sends a request byte for byte and waits for whatever comes.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use stage::http1::{Framing, HeaderLine, MessageReader, ReadError};

use crate::harness::PATIENCE;
use crate::scenario::Exchange;
use crate::seen::{Client, Message};

/// What passes between two pieces of a body, so that Envoy sees each by itself.
const BETWEEN_PIECES: Duration = Duration::from_millis(30);

/// A request whose answer has not been read.
pub(super) struct Waiting {
    reader: MessageReader,
    // The answer comes over it.
    _stream: TcpStream,
    method: String,
}

// === impl Waiting ===

impl Waiting {
    /// Sends a request; its name tells the upstream what to answer.
    pub(super) fn send(address: SocketAddr, exchange: &Exchange, name: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        for piece in pieces(exchange, name) {
            // Who answered already may have closed; the answer says so.
            let _ = stream.write_all(&piece);
            thread::sleep(BETWEEN_PIECES);
        }
        Self {
            reader: MessageReader::new(stream.try_clone().unwrap()),
            _stream: stream,
            method: exchange.method.clone(),
        }
    }

    /// Reads the answer, or goes away when it takes too long.
    pub(super) fn receive(mut self) -> Client {
        self.reader.set_deadline(Instant::now() + PATIENCE);
        let head = match self.reader.head() {
            Ok(head) => head,
            Err(ReadError::Deadline) => return Client::Nothing,
            Err(_) => return Client::Closed,
        };
        let framing = match self.method.as_str() {
            "HEAD" => Framing::Empty,
            _ => head.framing().unwrap_or(Framing::Empty),
        };
        let body = self.reader.body(framing);
        Client::Answer(Message {
            start: String::from_utf8_lossy(head.start_part(1)).into_owned(),
            headers: compared(&head.lines),
            body: Message::text(&body.bytes),
            trailers: compared(&body.trailers),
            is_whole: body.cut_off.is_none(),
        })
    }
}

/// Keeps of header lines what is compared.
pub(super) fn compared(lines: &[HeaderLine]) -> Vec<String> {
    let names: Vec<_> = lines
        .iter()
        .map(|line| String::from_utf8_lossy(&line.name).into_owned())
        .collect();
    let values = lines.iter().map(|line| line.value.as_slice());
    Message::compared(names.iter().map(String::as_str).zip(values))
}

/// Returns the head and the pieces of the body, with their framing.
fn pieces(exchange: &Exchange, name: &str) -> Vec<Vec<u8>> {
    let Exchange { method, path, .. } = exchange;
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nhost: gateway.test\r\nx-exchange: {name}\r\n");
    head.push_str(&header_lines(Exchange::pairs(&exchange.headers)));
    let chunks = &exchange.chunks;
    if chunks.is_empty() && exchange.trailers.is_empty() {
        return match &exchange.body {
            Some(body) => {
                let length = body.len();
                vec![format!("{head}content-length: {length}\r\n\r\n{body}").into_bytes()]
            }
            None => vec![format!("{head}\r\n").into_bytes()],
        };
    }
    let mut pieces = vec![format!("{head}transfer-encoding: chunked\r\n\r\n").into_bytes()];
    for chunk in chunks {
        pieces.push(format!("{:x}\r\n{chunk}\r\n", chunk.len()).into_bytes());
    }
    let trailers = header_lines(Exchange::pairs(&exchange.trailers));
    pieces.push(format!("0\r\n{trailers}\r\n").into_bytes());
    pieces
}

/// Writes headers or trailers as HTTP/1.1 does.
pub(super) fn header_lines<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let lines = pairs.into_iter();
    let lines = lines.map(|(name, value)| format!("{name}: {value}\r\n"));
    lines.collect::<Vec<_>>().concat()
}
