//! One connection to a server.

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::{ClientError, Request, Response};
use crate::http1::{Framing, MessageReader, ReadError};

/// A connection that sends what it is told and reads what comes.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    reader: MessageReader,
    patience: Duration,
}

// === impl Connection ===

impl Connection {
    /// How long a response may take unless told otherwise; hostile requests must not hang longer.
    pub const PATIENCE: Duration = Duration::from_secs(5);

    /// Connects to a server.
    pub fn open(address: SocketAddr) -> Result<Self, ClientError> {
        let stream = TcpStream::connect_timeout(&address, Self::PATIENCE)?;
        stream.set_nodelay(true)?;
        let reader = MessageReader::new(stream.try_clone()?);
        Ok(Self {
            stream,
            reader,
            patience: Self::PATIENCE,
        })
    }

    /// Sets how long each response may take.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sends bytes as they are.
    ///
    /// A server may answer and close before it has read everything, which is no error: the answer
    /// says what happened.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        match self.stream.write_all(bytes).map_err(ReadError::from) {
            Ok(()) | Err(ReadError::Closed) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Says that nothing more will be sent.
    pub fn finish(&mut self) {
        // An error means that the connection is gone, which the next response says.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Sends a request and reads its response; the connection stays open.
    pub fn exchange(&mut self, request: &Request) -> Result<Response, ClientError> {
        self.write(&request.to_bytes())?;
        self.response(request.method())
    }

    /// Reads the response to a request with this method, which decides whether a body follows.
    pub fn response(&mut self, method: &str) -> Result<Response, ClientError> {
        self.reader.set_deadline(Instant::now() + self.patience);
        let mut interim = Vec::new();
        loop {
            let head = self.reader.head()?;
            let status = Response::status_of(&head)?;
            if (100..200).contains(&status) && status != 101 {
                interim.push(status);
                continue;
            }
            let framing = match (method, status) {
                ("HEAD", _) | (_, 101 | 204 | 304) => Framing::Empty,
                _ => head.framing().unwrap_or(Framing::UntilClosed),
            };
            let body = self.reader.body(framing);
            if let Some(error) = body.cut_off {
                return Err(error.into());
            }
            return Ok(Response {
                status,
                interim,
                head,
                body: body.bytes,
                trailers: body.trailers,
            });
        }
    }
}
