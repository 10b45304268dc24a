//! Takes messages off a connection, one after the other, each by a deadline.

use std::io::{self, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{Head, HeaderLine};

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    Empty,
    /// After so many bytes.
    Length(usize),
    /// With a chunk of no bytes, then trailers.
    Chunked,
    /// With the connection.
    UntilClosed,
}

/// A body as far as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// Its bytes, without the chunks' lengths.
    pub bytes: Vec<u8>,
    /// The header lines after the last chunk.
    pub trailers: Vec<HeaderLine>,
    /// Why it ended before its end.
    pub cut_off: Option<ReadError>,
}

/// Why nothing more comes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The other end closed or reset the connection.
    #[error("the connection was closed")]
    Closed,
    /// Time was up first.
    #[error("nothing came in time")]
    Deadline,
    /// The other end does not speak HTTP/1.1.
    #[error("no {0} where one must be")]
    Malformed(&'static str),
    /// The operating system says no.
    #[error("reading failed: {0}")]
    Failed(io::ErrorKind),
}

/// Reads messages from a connection.
#[derive(Debug)]
pub struct MessageReader {
    stream: TcpStream,
    unread: Vec<u8>,
    deadline: Option<Instant>,
}

// === impl MessageReader ===

impl MessageReader {
    /// Reads from a connection, without a deadline at first.
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            unread: Vec::new(),
            deadline: None,
        }
    }

    /// Sets when everything that is read from here on must have come.
    pub fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = Some(deadline);
    }

    /// Returns whether bytes have come that nobody has read.
    pub fn has_unread(&self) -> bool {
        !self.unread.is_empty()
    }

    /// Reads up to and with the blank line; [`ReadError::Closed`] also if no byte came at all.
    pub fn head(&mut self) -> Result<Head, ReadError> {
        self.through(b"\r\n\r\n").map(Head::parse)
    }

    /// Reads a body as far as it comes.
    pub fn body(&mut self, framing: Framing) -> Body {
        let mut body = Body::default();
        let end = match framing {
            Framing::Empty => Ok(()),
            Framing::Length(length) => self.bytes(length, &mut body.bytes),
            Framing::Chunked => self.chunks(&mut body),
            Framing::UntilClosed => self.rest(&mut body.bytes),
        };
        body.cut_off = end.err();
        body
    }

    fn chunks(&mut self, body: &mut Body) -> Result<(), ReadError> {
        loop {
            let length = chunk_length(&self.through(b"\r\n")?)?;
            if length == 0 {
                return self.trailers(body);
            }
            self.bytes(length, &mut body.bytes)?;
            if self.through(b"\r\n")? != b"\r\n" {
                return Err(ReadError::Malformed("end of a chunk"));
            }
        }
    }

    fn trailers(&mut self, body: &mut Body) -> Result<(), ReadError> {
        loop {
            let line = self.through(b"\r\n")?;
            let line = line.trim_ascii_end();
            if line.is_empty() {
                return Ok(());
            }
            body.trailers.push(HeaderLine::parse(line));
        }
    }

    /// Reads up to and with a mark.
    fn through(&mut self, mark: &[u8]) -> Result<Vec<u8>, ReadError> {
        let mut searched = 0;
        loop {
            let found = self
                .unread
                .get(searched..)
                .and_then(|tail| tail.windows(mark.len()).position(|window| window == mark));
            if let Some(position) = found {
                let rest = self.unread.split_off(searched + position + mark.len());
                return Ok(std::mem::replace(&mut self.unread, rest));
            }
            searched = self.unread.len().saturating_sub(mark.len() - 1);
            self.fill()?;
        }
    }

    /// Moves so many bytes to `into`, or as many as come.
    fn bytes(&mut self, length: usize, into: &mut Vec<u8>) -> Result<(), ReadError> {
        let mut missing = length;
        loop {
            let taken = missing.min(self.unread.len());
            let rest = self.unread.split_off(taken);
            into.append(&mut std::mem::replace(&mut self.unread, rest));
            missing -= taken;
            if missing == 0 {
                return Ok(());
            }
            self.fill()?;
        }
    }

    fn rest(&mut self, into: &mut Vec<u8>) -> Result<(), ReadError> {
        loop {
            into.append(&mut self.unread);
            match self.fill() {
                Ok(()) => {}
                Err(ReadError::Closed) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits for at least one more byte.
    fn fill(&mut self) -> Result<(), ReadError> {
        self.stream.set_read_timeout(self.patience()?)?;
        let mut buffer = [0; 16 * 1024];
        let count = self.stream.read(&mut buffer)?;
        self.unread
            .extend_from_slice(buffer.get(..count).unwrap_or_default());
        if count == 0 {
            Err(ReadError::Closed)
        } else {
            Ok(())
        }
    }

    /// Returns the time left; none is left if the deadline has passed.
    fn patience(&self) -> Result<Option<Duration>, ReadError> {
        let Some(deadline) = self.deadline else {
            return Ok(None);
        };
        match deadline.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(ReadError::Deadline),
            left => Ok(Some(left)),
        }
    }
}

// === impl ReadError ===

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::Deadline,
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected => Self::Closed,
            kind => Self::Failed(kind),
        }
    }
}

/// Parses a chunk's first line (RFC 9112, section 7.1); extensions are ignored.
fn chunk_length(line: &[u8]) -> Result<usize, ReadError> {
    let digits = line
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| usize::from_str_radix(digits, 16).ok())
        .ok_or(ReadError::Malformed("length of a chunk"))
}
