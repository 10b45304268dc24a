//! One request to an API of the registry and its answer.

use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::http;

use crate::error::StageError;

const PATIENCE: Duration = Duration::from_secs(30);

/// What was asked and answered, without bodies: they may hold a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The status of the answer.
    pub status: u16,
    /// How long it took to come.
    pub took: Duration,
}

/// Remembers calls until they are taken; clones share one memory.
#[derive(Debug, Clone, Default)]
pub struct Journal(Arc<Mutex<Vec<Call>>>);

/// Asks one listener, with cookies and a token of its own.
#[derive(Debug, Clone)]
pub struct Caller {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
    journal: Journal,
}

/// An answer of the registry.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was asked, and the status.
    pub call: Call,
    /// The body as JSON; `null` if it is none.
    pub body: Value,
}

// === impl Journal ===

impl Journal {
    /// Adds a call.
    pub fn add(&self, call: Call) {
        self.lock().push(call);
    }

    /// Returns the calls since the last time and forgets them.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Call>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Caller ===

impl Caller {
    /// Makes a caller without cookies.
    pub fn new(address: SocketAddr, journal: Journal) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build();
        Self {
            agent: config.into(),
            base: format!("http://{address}"),
            token: None,
            journal,
        }
    }

    /// Shows an access token from now on.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Sends `GET`.
    pub fn get(&self, path: &str) -> Result<Answer, StageError> {
        self.call("GET", path, None)
    }

    /// Sends `POST`.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer, StageError> {
        self.call("POST", path, Some(body))
    }

    /// Sends `PUT`.
    pub fn put(&self, path: &str, body: &Value) -> Result<Answer, StageError> {
        self.call("PUT", path, Some(body))
    }

    /// Sends `PATCH`.
    pub fn patch(&self, path: &str, body: &Value) -> Result<Answer, StageError> {
        self.call("PATCH", path, Some(body))
    }

    /// Sends `DELETE`.
    pub fn delete(&self, path: &str) -> Result<Answer, StageError> {
        self.call("DELETE", path, None)
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, StageError> {
        let begin = Instant::now();
        let url = format!("{}{path}", self.base);
        let failed = |error: ureq::Error| StageError::Io {
            what: format!("{method} {url}"),
            source: error.into_io(),
        };
        let mut request = http::Request::builder().method(method).uri(&url);
        request = request.header("accept", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut response = match body {
            None => self
                .agent
                .run(request.body(()).map_err(|error| failed(error.into()))?),
            Some(body) => {
                let request = request
                    .header("content-type", "application/json")
                    .body(body.to_string());
                self.agent
                    .run(request.map_err(|error| failed(error.into()))?)
            }
        }
        .map_err(failed)?;
        let text = response.body_mut().read_to_string().map_err(failed)?;
        let call = Call {
            method: method.to_owned(),
            status: response.status().as_u16(),
            url: url.clone(),
            took: begin.elapsed(),
        };
        self.journal.add(call.clone());
        let body = serde_json::from_str(&text).unwrap_or_default();
        Ok(Answer { call, body })
    }
}

// === impl Answer ===

impl Answer {
    /// Refuses any other status.
    pub fn expect(self, status: u16) -> Result<Self, StageError> {
        if self.call.status == status {
            Ok(self)
        } else {
            Err(self.unexpected())
        }
    }

    /// Parses a member of the body, given as a JSON pointer.
    pub fn parse<T: FromStr>(&self, pointer: &str) -> Result<T, StageError> {
        self.body
            .pointer(pointer)
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| self.unexpected())
    }

    /// Returns the list in the body's `data`.
    pub fn list(&self) -> Result<&[Value], StageError> {
        let data = self.body.get("data").and_then(Value::as_array);
        data.map(Vec::as_slice).ok_or_else(|| self.unexpected())
    }

    /// Parses the `id` of everything in the body's `data`.
    pub fn ids<T: FromStr>(&self) -> Result<Vec<T>, StageError> {
        let id = |one: &Value| one.get("id")?.as_str()?.parse().ok();
        let ids: Option<Vec<T>> = self.list()?.iter().map(id).collect();
        ids.ok_or_else(|| self.unexpected())
    }

    /// Returns an error that shows this answer.
    pub fn unexpected(&self) -> StageError {
        StageError::Answer {
            request: format!("{} {}", self.call.method, self.call.url),
            status: self.call.status,
            body: self.body.to_string(),
        }
    }
}
