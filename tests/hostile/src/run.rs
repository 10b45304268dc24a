//! Sends hostile requests, one after the other, and judges what came of each.

use cases::tally::Mismatch;
use stage::client::{ClientError, Connection};
use stage::http1::ReadError;

use crate::h2::{self, H2Error};
use crate::hidden::{self, Forms};
use crate::placeholder::{InvalidPlaceholder, Values};
use crate::request::{Bytes, Class, Expect, Hidden, HostileRequest, Stream, Template, Upstream};
use crate::scene::{CONTROL, Scene};
use crate::verdict::{self, Answer, Observed};

/// What is looked at besides the class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// Nothing: keys may reach the upstream.
    Plain,
    /// Keys are hidden from the upstream.
    Hidden,
}

/// A request as it is sent.
enum Sent {
    Raw(Vec<u8>),
    H2(h2::Stream),
}

/// Sends a request, then the control pair; lists everything that is not as it must be.
///
/// `number` tells requests apart at the upstream, and spreads them over the workers.
pub(crate) fn run(
    scene: &mut Scene,
    request: &HostileRequest,
    (pass, number): (Pass, usize),
) -> Vec<Mismatch> {
    let values = Values {
        id: format!("r{number}x"),
        key: scene.key.clone(),
        wrong: scene.wrong.clone(),
    };
    let (sent, expect) = match expand(request, &values) {
        Ok(expanded) => expanded,
        Err(error) => return vec![Mismatch::new("request", "one that is understood", error)],
    };
    scene.upstream.forget();
    let ballast = scene.ballast(number);
    let (first, second) = send(scene, &sent, expect.class);
    let mut mismatches = scene.control();
    drop(ballast);
    let mut arrivals = scene.upstream.requests();
    arrivals.retain(|arrival| !arrival.target().starts_with(CONTROL.as_bytes()));
    let observed = Observed {
        first,
        second,
        arrivals,
        names_coding: sent.names_coding(),
    };
    mismatches.extend(verdict::judge(&expect, &observed));
    if let (Pass::Hidden, Some(hidden)) = (pass, &request.hidden) {
        mismatches.extend(judge_hidden(hidden, &observed, &values));
    }
    mismatches
}

fn judge_hidden(hidden: &Hidden, observed: &Observed, values: &Values) -> Vec<Mismatch> {
    let secrets = hidden.upstream_bytes_must_not_contain.iter();
    let secrets: Result<Vec<_>, _> = secrets.map(|text| values.expand(&text.0)).collect();
    let secrets = match secrets {
        Ok(secrets) => secrets,
        Err(error) => return vec![Mismatch::new("if_hide_credentials", "text", error)],
    };
    let forms = if hidden.also_after_percent_and_json_decoding {
        Forms::Encoded
    } else {
        Forms::Plain
    };
    let arrivals = observed.arrivals.iter();
    arrivals
        .flat_map(|arrival| hidden::judge(arrival, &secrets, forms))
        .collect()
}

fn send(scene: &Scene, sent: &Sent, class: Class) -> (Answer, Option<Answer>) {
    let raw = match sent {
        Sent::Raw(raw) => raw,
        Sent::H2(stream) => return (answer_h2(scene, stream), None),
    };
    let mut connection = match Connection::open(scene.envoy.address()) {
        Ok(connection) => connection,
        Err(error) => return (answer_of(&error), None),
    };
    if let Err(error) = connection.write(raw) {
        return (answer_of(&error), None);
    }
    let method = raw.split(|byte| *byte == b' ').next().unwrap_or_default();
    let first = answer_raw(&mut connection, &String::from_utf8_lossy(method));
    let second = (class == Class::Pipeline).then(|| answer_raw(&mut connection, "GET"));
    (first, second)
}

fn answer_raw(connection: &mut Connection, method: &str) -> Answer {
    match connection.response(method) {
        Ok(response) => Answer::Response {
            status: response.status,
            grpc_status: response
                .header("grpc-status")
                .and_then(|text| text.parse().ok()),
        },
        Err(error) => answer_of(&error),
    }
}

fn answer_of(error: &ClientError) -> Answer {
    match error {
        ClientError::NoResponse(ReadError::Closed) => Answer::Closed,
        ClientError::NoResponse(ReadError::Deadline) => Answer::Nothing,
        error => Answer::Garbled(error.to_string()),
    }
}

fn answer_h2(scene: &Scene, stream: &h2::Stream) -> Answer {
    match h2::exchange(scene.envoy.address(), stream) {
        Ok(reply) => match reply.status() {
            Some(status) => Answer::Response {
                status,
                grpc_status: reply.grpc_status(),
            },
            None => Answer::Garbled("headers without a status".to_owned()),
        },
        Err(H2Error::Closed) => Answer::Closed,
        Err(H2Error::Deadline) => Answer::Nothing,
        Err(error) => Answer::Garbled(error.to_string()),
    }
}

fn expand(request: &HostileRequest, values: &Values) -> Result<(Sent, Expect), InvalidPlaceholder> {
    let sent = match &request.sent {
        Template::Raw(raw) => Sent::Raw(values.expand_connection(&raw.0)?),
        Template::H2(stream) => Sent::H2(expand_stream(stream, values)?),
    };
    let upstream = &request.expect.upstream;
    let expect = Expect {
        upstream: Upstream {
            must_contain: expand_all(&upstream.must_contain, values)?,
            must_not_contain: expand_all(&upstream.must_not_contain, values)?,
            must_contain_header: expand_all(&upstream.must_contain_header, values)?,
            must_not_contain_header: expand_all(&upstream.must_not_contain_header, values)?,
            must_not_contain_line_prefix: expand_all(
                &upstream.must_not_contain_line_prefix,
                values,
            )?,
            ..*upstream
        },
        ..request.expect.clone()
    };
    Ok((sent, expect))
}

fn expand_stream(stream: &Stream, values: &Values) -> Result<h2::Stream, InvalidPlaceholder> {
    let body = stream.body.as_ref();
    let body = body.map(|body| values.expand(&body.0)).transpose()?;
    let length = body.as_ref().map_or(0, Vec::len);
    let fields = |fields: &[(Bytes, Bytes)]| -> Result<Vec<_>, InvalidPlaceholder> {
        let expand = |text: &Bytes| values.expand_part(&text.0, length);
        let field = |(name, value): &(Bytes, Bytes)| Ok((expand(name)?, expand(value)?));
        fields.iter().map(field).collect()
    };
    Ok(h2::Stream {
        headers: fields(&stream.headers)?,
        trailers: fields(&stream.trailers)?,
        frame_size: stream.frame_size.unwrap_or(usize::MAX),
        body,
    })
}

fn expand_all(texts: &[Bytes], values: &Values) -> Result<Vec<Bytes>, InvalidPlaceholder> {
    let texts = texts.iter().map(|text| values.expand(&text.0).map(Bytes));
    texts.collect()
}

// === impl Sent ===

impl Sent {
    /// Whether the request names a transfer coding.
    fn names_coding(&self) -> bool {
        const NAME: &[u8] = b"transfer-encoding";
        match self {
            Self::Raw(raw) => raw
                .windows(NAME.len())
                .any(|window| window.eq_ignore_ascii_case(NAME)),
            Self::H2(stream) => stream.headers.iter().any(|(name, _)| name == NAME),
        }
    }
}
