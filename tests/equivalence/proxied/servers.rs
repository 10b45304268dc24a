//! The servers behind Envoy: the upstream, the service that filters ask, a port nobody listens on.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use stage::http1::{Body, Framing, Head, MessageReader, ReadError};
use stage::port::Port;
use stage::server::Server;

use super::client::{compared, header_lines};
use super::exchange_label;
use super::grpc::GrpcServer;
use crate::scenario::{Answer, Exchange, Scenario};
use crate::seen::Message;
use crate::service::{self, Deed, Question};

/// How long more bytes may take that the length of a body did not announce.
const SURPLUS: Duration = Duration::from_millis(50);

/// Everything behind Envoy.
pub(super) struct Servers {
    pub(super) upstream: Upstream,
    pub(super) service: Server,
    pub(super) refuses: Port,
    pub(super) grpc: GrpcServer,
}

/// Answers what a scenario says, and remembers what it received.
pub(super) struct Upstream {
    received: Arc<Mutex<BTreeMap<String, Message>>>,
    server: Server,
}

// === impl Servers ===

impl Servers {
    pub(super) fn start(scenarios: &[Scenario]) -> Self {
        Self {
            upstream: Upstream::start(scenarios),
            service: Server::start("the service", answer_callouts).unwrap(),
            refuses: Port::claim().unwrap(),
            grpc: GrpcServer::start(),
        }
    }
}

// === impl Upstream ===

impl Upstream {
    fn start(scenarios: &[Scenario]) -> Self {
        let mut answers = BTreeMap::new();
        for (number, scenario) in scenarios.iter().enumerate() {
            for (index, exchange) in scenario.all_exchanges().enumerate() {
                let name = exchange_label(number, index);
                answers.insert(name, write_answer(&exchange.answer));
            }
        }
        let received = Arc::default();
        let record = Arc::clone(&received);
        let serve = move |stream| answer_requests(stream, &answers, &record);
        Self {
            received,
            server: Server::start("the upstream", serve).unwrap(),
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Returns what came of an exchange.
    pub(super) fn received(&self, name: &str) -> Option<Message> {
        lock(&self.received).get(name).cloned()
    }
}

fn answer_requests(
    mut stream: TcpStream,
    answers: &BTreeMap<String, Vec<u8>>,
    received: &Mutex<BTreeMap<String, Message>>,
) {
    let mut reader = MessageReader::new(stream.try_clone().unwrap());
    while let Ok(head) = reader.head() {
        let name = head.text("x-exchange").unwrap_or_default().into_owned();
        let mut message = message(&head, &Body::default());
        message.is_whole = false;
        lock(received).insert(name.clone(), message);
        let body = reader.body(head.framing().unwrap_or(Framing::Empty));
        lock(received).insert(name.clone(), self::message(&head, &body));
        if body.cut_off.is_some() || reader.has_unread() || has_surplus(&stream) {
            return;
        }
        let Some(answer) = answers.get(&name) else {
            return;
        };
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}

/// Whether more comes than the length of the body announced: an upstream that is strict about it
/// ends the connection.
fn has_surplus(stream: &TcpStream) -> bool {
    stream.set_read_timeout(Some(SURPLUS)).unwrap();
    let surplus = matches!(stream.peek(&mut [0]), Ok(count) if count > 0);
    stream.set_read_timeout(None).unwrap();
    surplus
}

fn message(head: &Head, body: &Body) -> Message {
    let part = |index| String::from_utf8_lossy(head.start_part(index)).into_owned();
    Message {
        start: format!("{} {}", part(0), part(1)),
        headers: compared(&head.lines),
        body: Message::text(&body.bytes),
        trailers: compared(&body.trailers),
        is_whole: body.cut_off.is_none(),
    }
}

fn write_answer(answer: &Answer) -> Vec<u8> {
    let headers = Exchange::pairs(&answer.headers);
    let trailers = Exchange::pairs(&answer.trailers).collect();
    let headers = headers.map(|(name, value)| (name, value.to_owned()));
    let headers: Vec<_> = headers.collect();
    write(answer.status, &headers, (answer.body.as_bytes(), trailers))
}

fn write(
    status: u16,
    headers: &[(&str, String)],
    (body, trailers): (&[u8], Vec<(&str, &str)>),
) -> Vec<u8> {
    let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
    let head = format!("HTTP/1.1 {status} As said\r\n{}", header_lines(headers));
    if trailers.is_empty() {
        let head = format!("{head}content-length: {}\r\n\r\n", body.len());
        return [head.as_bytes(), body].concat();
    }
    let head = format!("{head}transfer-encoding: chunked\r\n\r\n");
    let end = format!("0\r\n{}\r\n", header_lines(trailers));
    if body.is_empty() {
        return [head.as_bytes(), end.as_bytes()].concat();
    }
    let size = format!("{:x}\r\n", body.len());
    let chunk = [size.as_bytes(), body, b"\r\n"].concat();
    [head.as_bytes(), &chunk, end.as_bytes()].concat()
}

fn answer_callouts(mut stream: TcpStream) {
    let mut reader = MessageReader::new(stream.try_clone().unwrap());
    while let Ok(head) = reader.head() {
        let body = reader.body(head.framing().unwrap_or(Framing::Empty));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let deed = service::serve(&Question {
            method: &text(head.start_part(0)),
            path: &text(head.start_part(1)),
            asks: &head.text("t-asks").unwrap_or_default(),
            body: &body.bytes,
        });
        match deed {
            Deed::HangUp => return,
            Deed::Nothing => wait_for_end(&mut reader),
            Deed::Answer {
                status,
                headers,
                body,
                trailers,
                after_ms,
            } => {
                thread::sleep(Duration::from_millis(after_ms));
                let trailers = trailers.iter().map(|(name, value)| (*name, value.as_str()));
                let bytes = write(status, &headers, (&body, trailers.collect()));
                if stream.write_all(&bytes).is_err() {
                    return;
                }
            }
        }
    }
}

/// Keeps a connection open until the other end closes it.
fn wait_for_end(reader: &mut MessageReader) {
    reader.set_deadline(Instant::now() + Duration::from_mins(1));
    while !matches!(reader.head(), Err(ReadError::Closed | ReadError::Deadline)) {}
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
