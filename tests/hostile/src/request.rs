//! What a file of hostile requests holds; members that are not listed here are refused.

use serde::{Deserialize, Deserializer};

/// A hostile request and what may come of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) struct HostileRequest {
    /// What is sent.
    pub(crate) sent: Template,
    /// What may come of it.
    pub(crate) expect: Expect,
    /// What must hold besides if the key is hidden from the upstream.
    pub(crate) hidden: Option<Hidden>,
}

/// What is sent, placeholders included; every character is one byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Template {
    /// All bytes of one HTTP/1.1 connection.
    Raw(Bytes),
    /// One stream of an HTTP/2 connection.
    H2(Stream),
}

/// One stream of an HTTP/2 connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stream {
    /// Names and values in order, pseudo-headers included.
    pub(crate) headers: Vec<(Bytes, Bytes)>,
    /// The body.
    pub(crate) body: Option<Bytes>,
    /// Names and values after the body.
    pub(crate) trailers: Vec<(Bytes, Bytes)>,
    /// How many bytes a DATA frame has at most.
    pub(crate) frame_size: Option<usize>,
}

/// Text of which every character is one byte.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

/// What may come of a request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    /// Which kind of outcome.
    pub(crate) class: Class,
    /// Replaces the class's statuses.
    pub(crate) statuses: Option<Vec<u16>>,
    /// What holds at the upstream.
    #[serde(default)]
    pub(crate) upstream: Upstream,
    /// The gRPC status of the denial.
    pub(crate) grpc_status: Option<u32>,
}

/// Which kind of outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Class {
    /// The upstream answers.
    Allow,
    /// The filter refuses.
    Deny,
    /// The proxy refuses, or closes.
    Reject,
    /// Either of the two.
    DenyOrReject,
    /// Any of the three.
    AnySafe,
    /// Two answers: 200, then 401.
    Pipeline,
}

/// What holds at the upstream.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Upstream {
    /// The most requests there may be.
    pub(crate) max: Option<usize>,
    /// How many there must be.
    pub(crate) exact: Option<usize>,
    /// Text in the head, if there is a request.
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) must_contain: Vec<Bytes>,
    /// Text that must not be in the head, in any case.
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) must_not_contain: Vec<Bytes>,
    /// Names in the head, if there is a request.
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) must_contain_header: Vec<Bytes>,
    /// Names that must not be in the head.
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) must_not_contain_header: Vec<Bytes>,
    /// Text no head line may be, alone or before a colon.
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) must_not_contain_line_prefix: Vec<Bytes>,
}

/// What must hold if the key is hidden from the upstream.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hidden {
    /// What must be nowhere in what the upstream gets.
    pub(crate) upstream_bytes_must_not_contain: Vec<Bytes>,
    /// Whether it must not be there in encoded form either.
    #[serde(default)]
    pub(crate) also_after_percent_and_json_decoding: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "members for people have to be known too")]
struct Written {
    id: String,
    group: String,
    why: String,
    transport: Transport,
    raw: Option<Bytes>,
    headers: Option<Vec<(Bytes, Bytes)>>,
    body: Option<Bytes>,
    trailers: Option<Vec<(Bytes, Bytes)>>,
    frame_size: Option<usize>,
    expect: Expect,
    grpc_status: Option<u32>,
    if_hide_credentials: Option<Hidden>,
}

#[derive(Deserialize)]
enum Transport {
    #[serde(rename = "h1-raw")]
    Raw,
    #[serde(rename = "h2")]
    H2,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Bytes),
    Many(Vec<Bytes>),
}

// === impl HostileRequest ===

impl TryFrom<Written> for HostileRequest {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let has_stream = written.headers.is_some()
            || written.body.is_some()
            || written.trailers.is_some()
            || written.frame_size.is_some();
        let sent = match (written.transport, written.raw, written.headers) {
            (Transport::Raw, Some(raw), None) if !has_stream => Template::Raw(raw),
            (Transport::H2, None, Some(headers)) => Template::H2(Stream {
                headers,
                body: written.body,
                trailers: written.trailers.unwrap_or_default(),
                frame_size: written.frame_size,
            }),
            _ => return Err("`h1-raw` has `raw` alone; `h2` has `headers`"),
        };
        if written.frame_size == Some(0) {
            return Err("`frame_size` is at least 1");
        }
        let mut expect = written.expect;
        expect.grpc_status = expect.grpc_status.or(written.grpc_status);
        Ok(Self {
            sent,
            expect,
            hidden: written.if_hide_credentials,
        })
    }
}

// === impl Bytes ===

impl TryFrom<String> for Bytes {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let byte = |character| {
            u8::try_from(character).map_err(|_| format!("`{character}` is no single byte"))
        };
        text.chars().map(byte).collect::<Result<_, _>>().map(Self)
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Bytes>, D::Error> {
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(bytes) => vec![bytes],
        OneOrMany::Many(bytes) => bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn parse(change: impl FnOnce(&mut Value)) -> Result<HostileRequest, String> {
        let mut value = json!({
            "id": "a", "group": "g", "why": "w", "transport": "h1-raw",
            "raw": "GET / \u{ff}\r\n", "expect": {"class": "deny"},
        });
        change(&mut value);
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn a_character_is_a_byte() {
        let request = parse(|_| {}).unwrap();
        assert_eq!(
            request.sent,
            Template::Raw(Bytes(b"GET / \xff\r\n".to_vec()))
        );
        assert!(parse(|value| value["raw"] = json!("\u{100}")).is_err());
    }

    #[test]
    fn every_unknown_member_is_refused_by_name() {
        let changes: [fn(&mut Value); 4] = [
            |value| value["odd"] = json!(1),
            |value| value["expect"]["odd"] = json!(1),
            |value| value["expect"]["upstream"] = json!({"odd": 1}),
            |value| {
                value["if_hide_credentials"] =
                    json!({"upstream_bytes_must_not_contain": [], "odd": 1});
            },
        ];
        for change in changes {
            assert!(parse(change).unwrap_err().contains("`odd`"));
        }
    }

    #[test]
    fn unknown_classes_and_transports_are_refused() {
        assert!(parse(|value| value["expect"]["class"] = json!("maybe")).is_err());
        assert!(parse(|value| value["transport"] = json!("h3")).is_err());
        assert!(parse(|value| value["frame_size"] = json!(1)).is_err());
        assert!(parse(|value| value["transport"] = json!("h2")).is_err());
    }
}
