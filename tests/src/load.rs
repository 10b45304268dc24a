//! Many clients at once, while something else happens.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::{ClientError, Connection, Request, Response};
use crate::http1::ReadError;

/// What became of one request.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Which of the requests it was.
    pub which: usize,
    /// When it was sent.
    pub at: Instant,
    /// How long its answer took.
    pub took: Duration,
    /// The status of its answer.
    pub status: Result<u16, ClientError>,
}

/// Sends these requests in turn, from so many clients, until something else is done.
pub fn during<T>(
    (address, clients): (SocketAddr, usize),
    requests: &[Request],
    meanwhile: impl FnOnce() -> T,
) -> (T, Vec<Sent>) {
    let is_over = AtomicBool::new(false);
    thread::scope(|threads| {
        let started: Vec<_> = (0..clients)
            .map(|_| threads.spawn(|| Client::new(address).send_all(requests, &is_over)))
            .collect();
        let ending = Ending(&is_over);
        let result = meanwhile();
        drop(ending);
        let sent = started.into_iter().filter_map(|one| one.join().ok());
        (result, sent.flatten().collect())
    })
}

/// Ends the clients, even if what they accompany panics.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A client that keeps its connection as long as Envoy does.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    connection: Option<Connection>,
}

// === impl Client ===

impl Client {
    /// Opens nothing yet.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            connection: None,
        }
    }

    fn send_all(mut self, requests: &[Request], is_over: &AtomicBool) -> Vec<Sent> {
        let mut sent = Vec::new();
        for (which, request) in requests.iter().enumerate().cycle() {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            let at = Instant::now();
            let answer = self.send(request);
            sent.push(Sent {
                which,
                at,
                took: at.elapsed(),
                status: answer.map(|response| response.status),
            });
        }
        sent
    }

    /// Sends a request, on the connection that is there if there is one.
    pub fn send(&mut self, request: &Request) -> Result<Response, ClientError> {
        if let Some(mut kept) = self.connection.take() {
            let answer = kept.exchange(request);
            // A server may close a connection it has not been asked on; a client asks again then
            // (RFC 9112, section 9.3.1).
            if answer != Err(ClientError::NoResponse(ReadError::Closed)) {
                return self.keep(kept, answer);
            }
        }
        let mut fresh = Connection::open(self.address)?;
        let answer = fresh.exchange(request);
        self.keep(fresh, answer)
    }

    fn keep(
        &mut self,
        connection: Connection,
        answer: Result<Response, ClientError>,
    ) -> Result<Response, ClientError> {
        let answer = answer?;
        if answer.header("connection").as_deref() != Some("close") {
            self.connection = Some(connection);
        }
        Ok(answer)
    }
}
