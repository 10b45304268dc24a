//! Stands between Envoy and the registry, and does with each request what a test tells it: hands it
//! on, or answers something else, or half of it, or nothing.

use std::fmt;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::client::{ClientError, Connection, Response};
use crate::error::StageError;
use crate::http1::{Framing, Head, MessageReader, ReadError};
use crate::server::Server;

/// How long the registry may hold a request: longer than any it holds.
const PATIENCE: Duration = Duration::from_mins(1);

/// A relay; it ends when it is dropped.
#[derive(Debug)]
pub struct Relay {
    server: Server,
    shared: Arc<Shared>,
}

/// A request on its way to the registry.
#[derive(Debug, Clone)]
pub struct Asked {
    head: Head,
    body: Vec<u8>,
    registry: SocketAddr,
}

/// What is done with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// It is handed on, and the registry's answer back.
    HandOn,
    /// These bytes are the answer.
    Say(Vec<u8>),
    /// These bytes are the answer, and nothing ever follows them.
    Stall(Vec<u8>),
    /// The connection ends after these bytes.
    Cut(Vec<u8>),
}

type Script = Arc<dyn Fn(&Asked) -> Deed + Send + Sync>;

struct Shared {
    registry: SocketAddr,
    script: Mutex<Script>,
}

// === impl Relay ===

impl Relay {
    /// Starts a relay to a registry that hands everything on.
    pub fn start(registry: SocketAddr) -> Result<Self, StageError> {
        let shared = Arc::new(Shared {
            registry,
            script: Mutex::new(Arc::new(|_| Deed::HandOn)),
        });
        let serving = Arc::clone(&shared);
        Ok(Self {
            server: Server::start("the relay", move |stream| serving.serve(stream))?,
            shared,
        })
    }

    /// Returns where Envoy reaches it.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Does this with every request from now on, and ends the connections of those that wait.
    pub fn follow(&self, script: impl Fn(&Asked) -> Deed + Send + Sync + 'static) {
        *self.shared.lock() = Arc::new(script);
        self.server.end_connections();
    }
}

// === impl Asked ===

impl Asked {
    /// Whether the path begins so.
    pub fn is_for(&self, path: &str) -> bool {
        self.head.start_part(1).starts_with(path.as_bytes())
    }

    /// Asks the registry.
    pub fn truth(&self) -> Result<Response, ClientError> {
        let mut connection = Connection::open(self.registry)?.patience(PATIENCE);
        connection.write(&[self.head.raw.as_slice(), &self.body].concat())?;
        connection.response(&String::from_utf8_lossy(self.head.start_part(0)))
    }
}

// === impl Deed ===

impl Deed {
    /// Answers as somebody else did.
    pub fn repeat(response: &Response) -> Self {
        let mut bytes = response.head.raw.clone();
        if response.head.framing() == Some(Framing::Chunked) {
            bytes.extend(format!("{:x}\r\n", response.body.len()).bytes());
            bytes.extend(&response.body);
            bytes.extend(b"\r\n0\r\n\r\n");
        } else {
            bytes.extend(&response.body);
        }
        Self::Say(bytes)
    }
}

// === impl Shared ===

impl Shared {
    /// Answers requests until the connection ends.
    fn serve(&self, mut stream: TcpStream) {
        let Ok(reading) = stream.try_clone() else {
            return;
        };
        let mut reader = MessageReader::new(reading);
        while self.answer(&mut reader, &mut stream).is_ok() {}
    }

    fn answer(&self, reader: &mut MessageReader, stream: &mut TcpStream) -> Result<(), ReadError> {
        let head = reader.head()?;
        let body = reader.body(head.framing().unwrap_or(Framing::Empty));
        let asked = Asked {
            head,
            body: body.bytes,
            registry: self.registry,
        };
        let script = Arc::clone(&self.lock());
        let deed = match script(&asked) {
            Deed::HandOn => match asked.truth() {
                Ok(truth) => Deed::repeat(&truth),
                Err(_) => Deed::Cut(Vec::new()),
            },
            other => other,
        };
        match deed {
            Deed::HandOn => Ok(()),
            Deed::Say(bytes) => Ok(stream.write_all(&bytes)?),
            Deed::Stall(bytes) => {
                stream.write_all(&bytes)?;
                // Whoever waits for more gives up, or the relay ends.
                reader.head().map(drop)
            }
            Deed::Cut(bytes) => {
                stream.write_all(&bytes)?;
                Err(ReadError::Closed)
            }
        }
    }

    /// A thread that panicked leaves nothing half-done here: every change is one assignment.
    fn lock(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}
