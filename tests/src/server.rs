//! A server on a free port, of the loopback interface unless told otherwise: a thread for each
//! connection, and all of them end with it.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::error::StageError;

/// A running server; it stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    address: SocketAddr,
    serve: Box<dyn Fn(TcpStream) + Send + Sync>,
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
    /// Listens; `serve` has each connection to itself, which ends when it returns.
    pub fn start(
        what: &str,
        serve: impl Fn(TcpStream) + Send + Sync + 'static,
    ) -> Result<Self, StageError> {
        Self::start_at(Ipv4Addr::LOCALHOST.into(), what, serve)
    }

    /// Listens on another of this machine's addresses.
    pub fn start_at(
        ip: IpAddr,
        what: &str,
        serve: impl Fn(TcpStream) + Send + Sync + 'static,
    ) -> Result<Self, StageError> {
        let listener = TcpListener::bind((ip, 0))
            .map_err(StageError::io(format!("cannot listen for {what}")))?;
        let address = listener
            .local_addr()
            .map_err(StageError::io(format!("cannot name the port of {what}")))?;
        let shared = Arc::new(Shared {
            address,
            serve: Box::new(serve),
            open: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        Ok(Self {
            shared,
            accepting: Some(thread::spawn(move || accepting.accept(&listener))),
        })
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Ends every connection; new ones are served.
    pub fn end_connections(&self) {
        self.shared.lock().end();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop();
        if let Some(accepting) = self.accepting.take() {
            // A panic of that thread has been printed; dropping must not add another.
            let _ = accepting.join();
        }
    }
}

// === impl Shared ===

impl Shared {
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
                (server.serve)(stream);
                if let Some(stream) = server.lock().streams.remove(&number) {
                    // It may be closed already.
                    let _ = stream.shutdown(Shutdown::Both);
                }
            });
        }
    }

    fn stop(&self) {
        let mut open = self.lock();
        open.is_stopping = true;
        open.end();
        drop(open);
        // `accept` has no other way to be woken; if nothing listens any more, it has ended.
        let _ = TcpStream::connect(self.address);
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("address", &self.address)
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}

// === impl Connections ===

impl Connections {
    /// Keeps a connection so that it can be ended; [`None`] once the server stops.
    fn add(&mut self, stream: TcpStream) -> Option<usize> {
        if self.is_stopping {
            return None;
        }
        let number = self.next;
        self.next += 1;
        self.streams.insert(number, stream);
        Some(number)
    }

    fn end(&mut self) {
        for (_, stream) in self.streams.drain() {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}
