//! Requests made of an input's bytes.

use crate::extract::Found;
use crate::laws::{self, NAMES, Request};
use crate::{json as json_model, pairs};

/// The largest input; also what a short one is repeated up to.
const MAX_BYTES: usize = 64 * 1024;

const FORM: &str = "application/x-www-form-urlencoded";

const MULTIPART: &str = "multipart/form-data; boundary=BB";

/// A part with a key, to be put in front of a body.
const PART: &[u8] = b"--BB\r\nContent-Disposition: form-data; name=\"k\"\r\n\r\nK\r\n";

/// The input is a request target.
pub fn query(data: &[u8]) {
    let with_path = |path: &[u8]| Request {
        path: path.to_vec(),
        ..Request::default()
    };
    takes_no_time(data, with_path);
    let request = with_path(data);
    all_hold(&request);
    if let Some(mark) = request.path.iter().position(|byte| *byte == b'?') {
        let (path, query) = request.path.split_at(mark);
        let rest = pairs::without(&query[1..], &NAMES);
        let mark: &[u8] = if rest.is_empty() && query.len() > 1 {
            b""
        } else {
            b"?"
        };
        assert_eq!(request.conceal().path, [path, mark, &rest].concat());
        holds_one_value(&request, |other| other.path.extend(b"&k=K"));
    }
}

/// The input is a form.
pub fn form(data: &[u8]) {
    takes_no_time(data, |body| with_body(FORM, body));
    let request = with_body(FORM, data);
    all_hold(&request);
    assert_eq!(
        request.conceal().body,
        pairs::without(&request.body, &NAMES)
    );
    holds_one_value(&request, |other| other.body.extend(b"&k=K"));
}

/// The input is a JSON text, or none.
pub fn json(data: &[u8]) {
    takes_no_time(data, |body| with_body("application/json", body));
    let request = with_body("application/json", data);
    all_hold(&request);
    json_model::agrees(&request);
    if let Some(brace) = request.body.iter().position(|byte| *byte == b'{') {
        holds_one_value(&request, |other| {
            other.body.splice(brace..=brace, *b"{\"k\":\"K\",");
        });
    }
}

/// The input is a multipart form, or none; and what is between two delimiters of one.
pub fn multipart(data: &[u8]) {
    takes_no_time(data, |body| with_body(MULTIPART, body));
    let request = with_body(MULTIPART, data);
    all_hold(&request);
    let framed = [b"--BB\r\n", data, b"\r\n--BB--\r\n"].concat();
    let request = with_body(MULTIPART, &framed);
    all_hold(&request);
    let add = |other: &mut Request| drop(other.body.splice(..0, PART.iter().copied()));
    holds_one_value(&request, add);
    let mut longer = request.clone();
    add(&mut longer);
    let concealed = longer.conceal();
    // A form that is not clearly one stays as it is.
    if concealed != longer {
        assert_eq!(concealed, request.conceal(), "{}", longer.text());
    }
}

/// The input says what the body is: no body is two things.
pub fn content_type(data: &[u8]) {
    let closed = [PART, b"--BB--"].concat();
    let bodies = [b"k=K".as_slice(), b"{\"k\":\"K\"}", &closed];
    let found = bodies.iter().filter(|body| {
        let of_type = |content_type: &[u8]| Request {
            headers: vec![("content-type".to_owned(), content_type.to_vec())],
            body: body.to_vec(),
            ..Request::default()
        };
        takes_no_time(data, of_type);
        let request = of_type(data);
        all_hold(&request);
        matches!(request.find(), Found::Key(_))
    });
    assert!(found.count() <= 1, "one body is read in two ways");
}

/// The input is a whole request: the target, headers up to an empty line, the body.
pub fn concealment(data: &[u8]) {
    takes_no_time(data, whole);
    all_hold(&whole(data));
}

/// What holds for every request.
fn all_hold(request: &Request) {
    laws::has_no_key_once_concealed(request);
    laws::has_nothing_added_or_moved(request);
    laws::is_concealed_once(request);
}

/// A request that has one key and is given another has none that counts.
fn holds_one_value(request: &Request, add: impl FnOnce(&mut Request)) {
    if matches!(request.find_names(&["k"]), Found::Key(_)) {
        let mut other = request.clone();
        add(&mut other);
        assert!(
            !matches!(other.find_names(&["k"]), Found::Key(_)),
            "two values, and one is a key: {}",
            other.text()
        );
    }
}

fn with_body(content_type: &str, data: &[u8]) -> Request {
    Request {
        headers: vec![("content-type".to_owned(), content_type.into())],
        body: data.to_vec(),
        ..Request::default()
    }
}

/// What takes more than linear time takes it for many repeats: `*start*pattern` asks for a start and
/// as many patterns as there may be.
fn takes_no_time(data: &[u8], request: impl Fn(&[u8]) -> Request) {
    let Some((start, pattern)) = repeat(data) else {
        return;
    };
    let patterns = pattern.repeat(MAX_BYTES.saturating_sub(start.len()) / pattern.len());
    let request = request(&[start, &patterns].concat());
    let _ = request.find();
    laws::has_no_key_once_concealed(&request);
}

fn repeat(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut fields = data.strip_prefix(b"*")?.splitn(2, |byte| *byte == b'*');
    let (start, pattern) = (fields.next()?, fields.next()?);
    (!pattern.is_empty()).then_some((start, pattern))
}

fn whole(data: &[u8]) -> Request {
    let mut rest = data;
    let path = line(&mut rest).to_vec();
    let mut headers = Vec::new();
    while let Some((name, value)) = header(line(&mut rest)) {
        headers.push((name, value.to_vec()));
    }
    Request {
        path,
        headers,
        body: rest.to_vec(),
    }
}

fn line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
    *rest = after.get(1..).unwrap_or_default();
    line
}

/// Hosts give names in lower case.
fn header(line: &[u8]) -> Option<(String, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = core::str::from_utf8(&line[..colon]).ok()?;
    Some((name.to_ascii_lowercase(), &line[colon + 1..]))
}
