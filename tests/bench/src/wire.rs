//! A client that costs little itself: ready-made bytes out, a status and a body back.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::error::BenchError;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A connection that is kept.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply<'a> {
    /// Its status.
    pub(crate) status: u16,
    /// Its body.
    pub(crate) body: &'a [u8],
}

/// Requests that are sent round and round, all of which must be answered with one status.
#[derive(Debug, Clone)]
pub(crate) struct Traffic {
    /// The bytes of each.
    pub(crate) requests: Vec<Vec<u8>>,
    /// The status.
    pub(crate) status: u16,
}

/// What came of many requests.
#[derive(Debug)]
pub(crate) struct Volley {
    /// How long they took together.
    pub(crate) elapsed: Duration,
    /// How long each took.
    pub(crate) latencies: Vec<Duration>,
}

// === impl Wire ===

impl Wire {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(4096),
        })
    }

    /// Sends a request without waiting for its answer.
    pub(crate) async fn send(&mut self, request: &[u8]) -> io::Result<()> {
        self.stream.write_all(request).await
    }

    /// Reads an answer.
    pub(crate) async fn receive(&mut self) -> io::Result<Reply<'_>> {
        self.buffer.clear();
        let mut whole: Option<Extent> = None;
        while whole
            .as_ref()
            .is_none_or(|whole| self.buffer.len() < whole.end)
        {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            whole = whole.or_else(|| Extent::of(&self.buffer));
        }
        let whole = whole.ok_or(io::ErrorKind::InvalidData)?;
        let body = self.buffer.get(whole.head..whole.end);
        Ok(Reply {
            status: whole.status,
            body: body.unwrap_or_default(),
        })
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> io::Result<Reply<'_>> {
        self.send(request).await?;
        self.receive().await
    }

    /// Sends a request whose answer must have a status; returns how long that took.
    pub(crate) async fn expect(
        &mut self,
        status: u16,
        request: &[u8],
    ) -> Result<Duration, BenchError> {
        let begin = Instant::now();
        let reply = self.exchange(request).await?;
        let elapsed = begin.elapsed();
        if reply.status == status {
            return Ok(elapsed);
        }
        let seen = String::from_utf8_lossy(reply.body);
        let seen = format!("{} {seen}", reply.status);
        Err(BenchError::unexpected("a status", status, seen))
    }
}

/// Where in a buffer an answer ends.
#[derive(Debug, PartialEq, Eq)]
struct Extent {
    status: u16,
    head: usize,
    end: usize,
}

// === impl Extent ===

impl Extent {
    /// Reads the head of an answer, once it is all there. Whoever is asked here always says how
    /// long the body is.
    fn of(buffer: &[u8]) -> Option<Self> {
        let head = buffer
            .windows(END_OF_HEAD.len())
            .position(|window| window == END_OF_HEAD)?
            + END_OF_HEAD.len();
        let text = str::from_utf8(buffer.get(..head)?).ok()?;
        let mut lines = text.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let length = lines
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse::<usize>().ok());
        Some(Self {
            status,
            head,
            end: head + length.unwrap_or_default(),
        })
    }
}

/// Sends so many requests over so many connections, each as soon as the last one's answer is there.
pub(crate) async fn volley(
    address: SocketAddr,
    traffic: &Traffic,
    (connections, requests): (usize, usize),
) -> Result<Volley, BenchError> {
    let mut wires = Vec::new();
    for _ in 0..connections {
        wires.push(Wire::open(address).await?);
    }
    let begin = Instant::now();
    let mut tasks = JoinSet::new();
    let traffic = Arc::new(traffic.clone());
    for (number, wire) in wires.into_iter().enumerate() {
        let share = requests / connections + usize::from(number < requests % connections);
        let turns = Turns {
            first: number,
            step: connections,
            count: share,
        };
        tasks.spawn(take_turns(wire, Arc::clone(&traffic), turns));
    }
    let mut latencies = Vec::with_capacity(requests);
    while let Some(joined) = tasks.join_next().await {
        latencies.extend(joined.map_err(io::Error::from)??);
    }
    Ok(Volley {
        elapsed: begin.elapsed(),
        latencies,
    })
}

/// Which of the requests a connection sends.
struct Turns {
    first: usize,
    step: usize,
    count: usize,
}

async fn take_turns(
    mut wire: Wire,
    traffic: Arc<Traffic>,
    turns: Turns,
) -> Result<Vec<Duration>, BenchError> {
    let mut latencies = Vec::with_capacity(turns.count);
    let requests = traffic.requests.iter().cycle().skip(turns.first);
    for request in requests.step_by(turns.step).take(turns.count) {
        latencies.push(wire.expect(traffic.status, request).await?);
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        let answer = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\n\r\nhello";
        let extent = Extent::of(answer).unwrap();
        assert_eq!(extent.status, 401);
        assert_eq!(&answer[extent.head..extent.end], b"hello");
        assert_eq!(Extent::of(&answer[..40]), None, "its head is not whole");
    }
}
