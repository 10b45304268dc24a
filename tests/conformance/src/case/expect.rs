//! What the client and the upstream must see.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

/// What the client must see, and the upstream.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) struct Expect {
    /// The status, if it must be this one.
    pub(crate) status: Option<u16>,
    /// The statuses of which it must be one.
    pub(crate) status_in: Option<Vec<u16>>,
    /// Members the body must have as a JSON object.
    pub(crate) body_json: Map<String, Value>,
    /// Text in the body.
    pub(crate) body_contains: Option<String>,
    /// Values of headers.
    pub(crate) response_headers: BTreeMap<String, String>,
    /// Headers that must be missing.
    pub(crate) response_headers_absent: Vec<String>,
    /// What the upstream must see; `None` asserts nothing.
    pub(crate) upstream: Option<Upstream>,
}

/// What the upstream must see.
#[derive(Debug, Clone)]
pub(crate) enum Upstream {
    /// Nothing at all.
    NotCalled,
    /// One request.
    CalledOnce(Box<Arrival>),
}

/// What the one request at the upstream must be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arrival {
    /// Values of the first line with a name.
    #[serde(default)]
    pub(crate) headers_present: BTreeMap<String, String>,
    /// Names that must be missing.
    #[serde(default)]
    pub(crate) headers_absent: Vec<String>,
    /// What follows the first `?`.
    #[serde(default, deserialize_with = "query")]
    pub(crate) query: Option<Query>,
    /// The exact body.
    pub(crate) body: Option<String>,
    /// The length of the body in bytes.
    pub(crate) body_len: Option<usize>,
    /// JSON that the body must be equal to as a value.
    #[serde(default, deserialize_with = "json_text")]
    pub(crate) body_json_equal: Option<Value>,
    /// Text in the body.
    pub(crate) body_contains: Option<String>,
    /// Text that must not be in the body.
    pub(crate) body_not_contains: Option<String>,
}

/// What follows the first `?` of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Query {
    /// There is no `?`.
    Absent,
    /// These bytes.
    Bytes(String),
}

/// An expectation as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    status: Option<u16>,
    status_in: Option<Vec<u16>>,
    #[serde(default)]
    body_json: Map<String, Value>,
    body_contains: Option<String>,
    #[serde(default)]
    response_headers: BTreeMap<String, String>,
    #[serde(default)]
    response_headers_absent: Vec<String>,
    #[serde(default, deserialize_with = "upstream")]
    upstream: Option<Upstream>,
}

// === impl Expect ===

impl TryFrom<Written> for Expect {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written {
            status,
            status_in,
            body_json,
            body_contains,
            response_headers,
            response_headers_absent,
            upstream,
        } = written;
        if status.is_none() && status_in.is_none() {
            return Err("an expectation needs `status` or `status_in`");
        }
        Ok(Self {
            status,
            status_in,
            body_json,
            body_contains,
            response_headers,
            response_headers_absent,
            upstream,
        })
    }
}

/// Tells a member that is `null` from one that is missing.
fn query<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Query>, D::Error> {
    let bytes = Option::deserialize(deserializer)?;
    Ok(Some(bytes.map_or(Query::Absent, Query::Bytes)))
}

fn json_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let value = serde_json::from_str(&text);
    value.map(Some).map_err(de::Error::custom)
}

fn upstream<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Upstream>, D::Error> {
    let upstream = match Value::deserialize(deserializer)? {
        Value::Bool(false) => Upstream::NotCalled,
        object @ Value::Object(_) => {
            let arrival = Arrival::deserialize(object).map_err(de::Error::custom)?;
            Upstream::CalledOnce(Box::new(arrival))
        }
        _ => return Err(de::Error::custom("`upstream` is `false` or an object")),
    };
    Ok(Some(upstream))
}
