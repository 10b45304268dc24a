//! The admin API, as a program calls it: with a token, one request after the other.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};
use url::Url;

/// How long an answer may take; large specifications take a while to read.
const PATIENCE: Duration = Duration::from_mins(1);

/// The largest answer that is read: a page of specifications.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// How many items a page of a list has.
const PAGE: usize = 100;

/// A token of the admin API.
#[derive(Clone)]
pub struct AccessToken(String);

/// The admin API of a registry.
pub struct Client {
    agent: Agent,
    base: Url,
    token: AccessToken,
}

/// Why a request was not answered as it should be.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there.
    #[error("cannot reach the registry at `{url}`")]
    Unreachable {
        /// Where.
        url: Url,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// The registry refuses.
    #[error("the registry refuses {method} {path}: {status} {reason}")]
    Refused {
        /// What was asked.
        method: &'static str,
        /// Where.
        path: String,
        /// Its status.
        status: u16,
        /// Its reasons.
        reason: String,
    },
    /// Whoever answers there is no registry.
    #[error("what answers at `{url}` is no registry's admin API")]
    Stranger {
        /// Where.
        url: Url,
    },
}

// === impl AccessToken ===

impl fmt::Debug for AccessToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AccessToken(..)")
    }
}

impl std::str::FromStr for AccessToken {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_visible = |byte: u8| byte.is_ascii_graphic();
        if text.is_empty() || !text.bytes().all(is_visible) {
            return Err("must be a token, as `token create` prints it");
        }
        Ok(Self(text.to_owned()))
    }
}

// === impl Client ===

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Client({})", self.base)
    }
}

impl Client {
    /// Calls the API at a URL with a token.
    pub fn new(base: Url, token: AccessToken) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .tls_config(tls());
        Self {
            agent: config.build().into(),
            base,
            token,
        }
    }

    /// Reads something.
    pub fn get(&self, path: &str) -> Result<Value, ClientError> {
        let request = self
            .agent
            .get(self.url(path))
            .header("authorization", self.bearer());
        self.answer(("GET", path), request.call())
    }

    /// Reads a whole list, page by page.
    pub fn list(&self, path: &str) -> Result<Vec<Value>, ClientError> {
        let mut items = Vec::new();
        for number in 1.. {
            let page = format!("{path}?page[size]={PAGE}&page[number]={number}");
            let mut answer = self.get(&page)?;
            let total = answer.pointer("/meta/page/total").and_then(Value::as_u64);
            let data = answer.get_mut("data").map(Value::take);
            let (Some(total), Some(Value::Array(data))) = (total, data) else {
                return Err(self.stranger());
            };
            let is_last = data.len() < PAGE;
            items.extend(data);
            if is_last || items.len() as u64 >= total {
                break;
            }
        }
        Ok(items)
    }

    /// Adds something.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        let request = self
            .agent
            .post(self.url(path))
            .header("authorization", self.bearer());
        self.answer(("POST", path), request.send_json(body))
    }

    /// Puts something where it belongs.
    pub fn put(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        let request = self
            .agent
            .put(self.url(path))
            .header("authorization", self.bearer());
        self.answer(("PUT", path), request.send_json(body))
    }

    /// Changes something.
    pub fn patch(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        let request = self
            .agent
            .patch(self.url(path))
            .header("authorization", self.bearer());
        self.answer(("PATCH", path), request.send_json(body))
    }

    /// Removes something.
    pub fn delete(&self, path: &str) -> Result<(), ClientError> {
        let request = self
            .agent
            .delete(self.url(path))
            .header("authorization", self.bearer());
        self.answer(("DELETE", path), request.call()).map(drop)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token.0)
    }

    /// Says that whoever answers is no registry.
    pub(crate) fn stranger(&self) -> ClientError {
        ClientError::Stranger {
            url: self.base.clone(),
        }
    }

    fn answer(
        &self,
        (method, path): (&'static str, &str),
        answered: Result<Response<Body>, ureq::Error>,
    ) -> Result<Value, ClientError> {
        let unreachable = |source| ClientError::Unreachable {
            url: self.base.clone(),
            source: Box::new(source),
        };
        let mut response = answered.map_err(unreachable)?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(MOST_BYTES);
        let bytes = body.read_to_vec().map_err(unreachable)?;
        if bytes.is_empty() && response.status().is_success() {
            return Ok(Value::Null);
        }
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
            return Err(self.stranger());
        };
        if response.status().is_success() {
            return Ok(value);
        }
        Err(ClientError::Refused {
            method,
            path: path.to_owned(),
            status,
            reason: reason(&value),
        })
    }
}

/// Trusts whom the system trusts.
fn tls() -> TlsConfig {
    let roots = rustls_native_certs::load_native_certs().certs;
    let roots = roots
        .iter()
        .map(|root| Certificate::from_der(root).to_owned());
    TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build()
}

/// Returns what a problem (RFC 9457) says, with every field that is refused.
fn reason(problem: &Value) -> String {
    let text = |value: &Value, name: &str| {
        let text = value.get(name).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let invalid = problem.get("invalid_parameters").and_then(Value::as_array);
    let fields: Vec<String> = invalid
        .into_iter()
        .flatten()
        .map(|one| format!("`{}` {}", text(one, "field"), text(one, "reason")))
        .collect();
    if fields.is_empty() {
        text(problem, "detail")
    } else {
        fields.join(", ")
    }
}
