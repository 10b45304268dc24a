use std::net::TcpListener;
use std::thread;

use super::*;

fn stream(body: Option<&[u8]>) -> Stream {
    Stream {
        headers: vec![(b":method".to_vec(), b"GET".to_vec())],
        body: body.map(<[u8]>::to_vec),
        trailers: Vec::new(),
        frame_size: 2,
    }
}

/// Answers one connection with these bytes and returns what it got until then.
fn answered_with(frames: &[Frame], stream: &Stream) -> (Result<Reply, H2Error>, Vec<u8>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let bytes: Vec<u8> = frames.iter().flat_map(Frame::to_bytes).collect();
    let server = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.write_all(&bytes).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        let mut got = Vec::new();
        socket.read_to_end(&mut got).unwrap();
        got
    });
    let reply = exchange(address, stream);
    (reply, server.join().unwrap())
}

fn headers(flags: u8, fields: &[(&str, &str)]) -> Frame {
    let fields = fields
        .iter()
        .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
    let block = fields.flat_map(|field| frame::literal(&field)).collect();
    Frame::new(Kind::Headers, flags | frame::END_HEADERS, STREAM, block)
}

#[test]
fn a_response_and_its_trailers_are_read() {
    let frames = [
        headers(0, &[(":status", "100")]),
        headers(0, &[(":status", "200")]),
        Frame::new(Kind::Data, 0, STREAM, b"x".to_vec()),
        headers(frame::END_STREAM, &[("grpc-status", "16")]),
    ];
    let reply = answered_with(&frames, &stream(None)).0.unwrap();
    assert_eq!(reply.status(), Some(200));
    assert_eq!(reply.grpc_status(), Some(16));
}

#[test]
fn a_reset_before_a_response_is_an_end_without_one() {
    let reset = Frame::new(Kind::RstStream, 0, STREAM, vec![0, 0, 0, 1]);
    assert_eq!(
        answered_with(&[reset], &stream(None)).0,
        Err(H2Error::Closed)
    );
    assert_eq!(answered_with(&[], &stream(None)).0, Err(H2Error::Closed));
}

#[test]
fn a_body_is_sent_in_frames_of_the_size_asked_for() {
    let end = headers(frame::END_STREAM, &[(":status", "401")]);
    let (reply, got) = answered_with(&[end], &stream(Some(b"abcde")));
    assert_eq!(reply.unwrap().status(), Some(401));
    let mut rest = &got[PREFACE.len()..];
    let mut sizes = Vec::new();
    while let Some((frame, length)) = Frame::parse(rest) {
        if frame.kind == Kind::Data {
            sizes.push((frame.payload.len(), frame.flags));
        }
        rest = &rest[length..];
    }
    assert_eq!(sizes, [(2, 0), (2, 0), (1, frame::END_STREAM)]);
}
