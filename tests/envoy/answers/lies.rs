//! What is said instead of the truth, byte for byte.

use stage::client::Response;
use stage::relay::Deed;

const MIB: usize = 1024 * 1024;

/// Something that is said instead of the truth.
pub(super) type Lie = fn(&Response) -> Deed;

/// Things that are no answer of the registry, though some bear its mark.
pub(super) const LIES: [(&str, Lie); 12] = [
    ("a mark that is no text", |_| {
        Deed::Say(
            b"HTTP/1.1 200 OK\r\nx-keystile-registry: \xff\xfe\r\ncontent-length: 2\r\n\r\n[]"
                .into(),
        )
    }),
    ("no headers", |_| {
        Deed::Cut(b"HTTP/1.1 200 OK\r\n\r\n".into())
    }),
    ("half a body and the end", |_| {
        Deed::Cut(marked("200 OK", 1000, &[0; 500]))
    }),
    ("nothing at all", |_| Deed::Cut(Vec::new())),
    ("no HTTP", |_| {
        Deed::Say(b"220 mail.test ready\r\n\r\n".into())
    }),
    ("a body above what Envoy takes", |_| {
        Deed::Say(marked("200 OK", 40 * MIB, &vec![0; 40 * MIB]))
    }),
    ("a page of 33 MB", |_| {
        Deed::Say(marked("200 OK", 33_000_000, &vec![0; 33_000_000]))
    }),
    ("no content", |_| {
        Deed::Say(marked("204 No Content", 0, b""))
    }),
    ("nothing in it", |_| Deed::Say(marked("200 OK", 0, b""))),
    ("a page for people", |_| {
        Deed::Say(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\n<h1>x</h1"
                .into(),
        )
    }),
    ("a failure", |_| {
        Deed::Say(marked("500 Internal Server Error", 2, b"[]"))
    }),
    ("the truth without its mark", |truth| {
        let mut answer = truth.clone();
        let head =
            String::from_utf8_lossy(&truth.head.raw).replace("x-keystile-registry", "x-other");
        answer.head.raw = head.into_bytes();
        Deed::repeat(&answer)
    }),
];

/// Answers that never end.
pub(super) const SILENCES: [(&str, Lie); 3] = [
    ("a head and a body that never comes", |_| {
        Deed::Stall(marked("200 OK", 1000, b""))
    }),
    ("half a body and then silence", |_| {
        Deed::Stall(marked("200 OK", 1000, &[0; 500]))
    }),
    ("silence", |_| Deed::Stall(Vec::new())),
];

/// Odd ways to say the truth.
pub(super) const ODDITIES: [(&str, Lie); 3] = [
    ("a hint first", |truth| {
        before(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", truth)
    }),
    ("with trailers", with_trailers),
    ("with a header that is no text", |truth| {
        let mut answer = truth.clone();
        let end = answer.head.raw.len() - 2;
        answer.head.raw.splice(end..end, *b"x-odd: \xff\xfe\r\n");
        Deed::repeat(&answer)
    }),
];

fn marked(status: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\nx-keystile-registry: 1\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn before(bytes: &[u8], truth: &Response) -> Deed {
    match Deed::repeat(truth) {
        Deed::Say(said) => Deed::Say([bytes, &said].concat()),
        other => other,
    }
}

fn with_trailers(truth: &Response) -> Deed {
    let mut bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n".to_vec();
    let kept = truth
        .head
        .lines
        .iter()
        .filter(|line| !line.is_named("content-length"));
    for line in kept {
        bytes.extend([line.name.as_slice(), b": ", &line.value, b"\r\n"].concat());
    }
    bytes.extend(format!("\r\n{:x}\r\n", truth.body.len()).bytes());
    bytes.extend(
        [
            truth.body.as_slice(),
            b"\r\n0\r\nx-odd: \xff\r\nx-sum: 1\r\n\r\n",
        ]
        .concat(),
    );
    Deed::Say(bytes)
}
