//! Threat 118: slow heads, slow bodies, thousands of idle connections, HTTP/2 requests that are taken back.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use stage::client::{Connection, Request};
use stage::registry::{Database, Registry};

use crate::world::open_files;

/// More than the listener has places for.
const CONNECTIONS: usize = 5000;

/// Requests that are taken back at once; the attack of CVE-2023-44487 sends them without end.
const RESETS: usize = 5000;

/// What one request may take while and after somebody floods the portal, and how long that may go on.
const PROMPT: Duration = Duration::from_secs(1);
const RECOVERY: Duration = Duration::from_mins(1);

#[test]
fn thousands_of_idle_connections_hold_nobody_up_elsewhere_and_end_by_themselves() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let portal = registry.listeners().portal;
    let before = open_files(&registry);
    // Those that are not let in wait in the operating system's queue, or are refused there.
    let idle: Vec<_> = (0..CONNECTIONS)
        .filter_map(|_| TcpStream::connect_timeout(&portal, Duration::from_millis(100)).ok())
        .collect();
    assert!(idle.len() > 1000, "{} connections", idle.len());
    assert!(
        open_files(&registry) < before + 2100,
        "118: files are bounded"
    );
    assert!(
        slowest(registry.listeners().admin, "/readyz") < PROMPT,
        "118: others go on"
    );
    let refused = Request::get("/gateway/v1/state").send(registry.listeners().gateway);
    assert_eq!(refused.unwrap().status, 401, "118: gateways are answered");
    wait_for_an_answer(portal);
    drop(idle);
    stage::wait::until("closed files", RECOVERY, || {
        let files = open_files(&registry);
        (files < before + 50)
            .then_some(())
            .ok_or_else(|| format!("{files}, before {before}"))
    })
    .unwrap();
    assert!(slowest(portal, "/login") < PROMPT, "118: all is as before");
}

#[test]
fn a_head_that_comes_byte_by_byte_is_not_waited_for() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let ended = ends_within(registry.listeners().portal, b"GET / HTTP/1.1\r\nx: ", b"y");
    assert!(ended < Duration::from_secs(20), "118: {ended:?}");
}

#[test]
fn a_body_that_comes_byte_by_byte_is_answered_with_408() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let portal = registry.listeners().portal;
    let began = Instant::now();
    let mut connection = Connection::open(portal)
        .unwrap()
        .patience(Duration::from_mins(1));
    let head = "POST /api/v2/developer HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 1000\r\n\r\n{";
    connection.write(head.as_bytes()).unwrap();
    let answer = connection.response("POST").unwrap();
    assert_eq!(answer.status, 408, "118: {}", answer.text());
    assert_eq!(
        answer.header("content-type").as_deref(),
        Some("application/problem+json")
    );
    assert!(
        began.elapsed() < Duration::from_secs(40),
        "118: {:?}",
        began.elapsed()
    );
}

#[test]
fn requests_that_are_taken_back_at_once_end_the_connection() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let portal = registry.listeners().portal;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let sent = runtime.block_on(take_back(portal));
    assert!(sent < RESETS, "118: all of {sent} requests were taken");
    assert!(
        slowest(portal, "/login") < PROMPT,
        "118: others are answered"
    );
}

/// Sends requests and takes each back at once, until the server has had enough.
async fn take_back(portal: SocketAddr) -> usize {
    let stream = tokio::net::TcpStream::connect(portal).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let driving = tokio::spawn(connection);
    for sent in 0..RESETS {
        let Ok(ready) = client.clone().ready().await else {
            return sent;
        };
        client = ready;
        let request = http::Request::get(format!("http://{portal}/login"))
            .body(())
            .unwrap();
        let Ok((_, mut stream)) = client.send_request(request, false) else {
            return sent;
        };
        stream.send_reset(h2::Reason::CANCEL);
        tokio::task::yield_now().await;
    }
    driving.abort();
    RESETS
}

/// Sends a beginning, then a byte a second, and returns how long the server listened.
fn ends_within(address: SocketAddr, beginning: &[u8], byte: &[u8]) -> Duration {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(beginning).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    let began = Instant::now();
    let mut buffer = [0; 1024];
    while began.elapsed() < RECOVERY {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => break,
            // An answer comes before the end, or nothing yet.
            Ok(_) | Err(_) => {}
        }
        if stream.write_all(byte).is_err() {
            break;
        }
    }
    began.elapsed()
}

/// Asks some times and returns what the slowest took.
fn slowest(address: SocketAddr, path: &str) -> Duration {
    let ask = || {
        let began = Instant::now();
        let answer = Request::get(path).send(address).unwrap();
        assert!(answer.status < 400, "{path}: {}", answer.status);
        began.elapsed()
    };
    (0..20).map(|_| ask()).max().unwrap()
}

fn wait_for_an_answer(portal: SocketAddr) {
    let answered = stage::wait::until("answer of the flooded portal", RECOVERY, || {
        let answer = Request::get("/login").send(portal);
        answer
            .map(|answer| answer.status)
            .map_err(|error| error.to_string())
    });
    assert_eq!(answered.unwrap(), 200, "118");
}
