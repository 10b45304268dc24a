//! Requests of an application through Envoy.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::Story;
use crate::api::{Call, Journal};
use crate::client::{Request, Response};
use crate::error::StageError;
use crate::wait;

/// How long a change may take to reach every gateway: what is promised.
const PROPAGATION: Duration = Duration::from_secs(1);

/// A request that is expected to be answered with a status.
#[derive(Debug)]
pub struct Probe {
    proxy: SocketAddr,
    request: Request,
    shown: String,
}

// === impl Probe ===

impl Probe {
    /// Sends a request to a proxy; people are shown `shown`, which holds no whole key.
    pub fn new(proxy: SocketAddr, request: Request, shown: impl Into<String>) -> Self {
        Self {
            proxy,
            request,
            shown: shown.into(),
        }
    }

    /// Makes a `GET` request with a key in the header that is documented.
    pub fn header(proxy: SocketAddr, path: &str, key: &str) -> Self {
        let shown = format!("{path}  apikey: {}", shortened(key));
        Self::new(proxy, Request::get(path).header("apikey", key), shown)
    }

    /// Makes a `GET` request with a key in the query.
    pub fn query(proxy: SocketAddr, path: &str, key: &str) -> Self {
        let shown = format!("{path}?apikey={}", shortened(key));
        Self::new(proxy, Request::get(format!("{path}?apikey={key}")), shown)
    }

    /// Makes a `POST` request with a key in a form.
    pub fn form(proxy: SocketAddr, path: &str, key: &str) -> Self {
        let shown = format!("{path}  apikey={} in a form", shortened(key));
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("city=Utrecht&apikey={key}"));
        Self::new(proxy, request, shown)
    }

    /// Expects the status within the time a change may take to arrive.
    pub fn answers(
        &self,
        story: &mut Story<'_>,
        what: &str,
        status: u16,
    ) -> Result<Response, StageError> {
        story.step(what, |journal| self.becomes(journal, status))
    }

    /// Sends the request until it is answered with the status, and notes the last answer.
    pub fn becomes(&self, journal: &Journal, status: u16) -> Result<Response, StageError> {
        let begin = Instant::now();
        let mut last = 0;
        let result = wait::until(&format!("status {status}"), PROPAGATION, || {
            let response = self.request.send(self.proxy);
            let response = response.map_err(|error| error.to_string())?;
            last = response.status;
            if response.status == status {
                Ok(response)
            } else {
                Err(format!("{} {}", response.status, response.text()))
            }
        });
        journal.add(Call {
            method: self.request.method().to_owned(),
            url: format!("http://{}{}", self.proxy, self.shown),
            status: last,
            took: begin.elapsed(),
        });
        result
    }
}

/// Returns a key as people may see it: how it begins and its last four characters.
pub fn shortened(key: &str) -> String {
    let end = key
        .char_indices()
        .rev()
        .nth(3)
        .map_or(0, |(index, _)| index);
    let begin = key.find('_').map_or(0, |index| index + 1);
    if end <= begin + 4 {
        return "…".to_owned();
    }
    format!(
        "{}…{}",
        key.get(..begin).unwrap_or_default(),
        key.get(end..).unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_by_its_prefix_and_end() {
        for (key, shown) in [
            ("ks_0123456789ABCDEFGHIJKLMNOPQRSTUV08Wbiv", "ks_…Wbiv"),
            ("no-prefix-here", "…here"),
            ("ks_short", "…"),
            ("", "…"),
        ] {
            assert_eq!(shortened(key), shown);
        }
    }
}
