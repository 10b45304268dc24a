use super::Upstream;
use crate::client::{Connection, Request};

#[test]
fn every_byte_of_a_request_is_recorded() {
    let upstream = Upstream::start().unwrap();
    let request = Request::post("/a?b=%zz&b")
        .header("X-Odd", vec![0xff])
        .header("x-odd", "2")
        .body("hello");
    let response = request.send(upstream.address()).unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(response.json()["target"], "/a?b=%zz&b");

    let [seen] = upstream.requests().try_into().unwrap();
    assert_eq!(seen.target(), b"/a?b=%zz&b");
    assert_eq!(seen.query(), Some(b"b=%zz&b".as_slice()));
    assert_eq!(seen.head.values("x-odd"), [b"\xff".as_slice(), b"2"]);
    assert_eq!(seen.body_bytes(), b"hello");
}

#[test]
fn chunks_are_joined_and_trailers_kept() {
    let upstream = Upstream::start().unwrap();
    let mut connection = Connection::open(upstream.address()).unwrap();
    connection
        .write(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nT: 1\r\n\r\n")
        .unwrap();
    assert_eq!(connection.response("POST").unwrap().status, 200);

    let [seen] = upstream.requests().try_into().unwrap();
    assert_eq!(seen.body_bytes(), b"abcd");
    assert_eq!(seen.body.unwrap().trailers[0].value, b"1");
}

#[test]
fn requests_on_one_connection_are_answered_in_order() {
    let upstream = Upstream::start().unwrap();
    let mut connection = Connection::open(upstream.address()).unwrap();
    connection
        .write(b"GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n")
        .unwrap();
    for (method, target) in [("GET", "/1"), ("HEAD", ""), ("GET", "/3")] {
        let response = connection.response(method).unwrap();
        let expected = if target.is_empty() {
            serde_json::Value::Null
        } else {
            target.into()
        };
        assert_eq!(response.json()["target"], expected);
    }
}

#[test]
fn a_request_that_is_cut_off_is_recorded_as_far_as_it_came() {
    let upstream = Upstream::start().unwrap();
    let mut connection = Connection::open(upstream.address()).unwrap();
    connection
        .write(b"POST /cut HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc")
        .unwrap();
    connection.finish();
    assert!(connection.response("POST").is_err(), "it never ends");

    let [seen] = upstream.requests_for("/cut").try_into().unwrap();
    assert!(!seen.is_complete());
    assert_eq!(seen.body_bytes(), b"abc");
}

#[test]
fn stopping_ends_open_connections() {
    let upstream = Upstream::start().unwrap();
    let mut connection = Connection::open(upstream.address()).unwrap();
    connection.exchange(&Request::get("/")).unwrap();
    drop(upstream);
    assert!(connection.exchange(&Request::get("/")).is_err());
}
