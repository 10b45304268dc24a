//! Which request a write came with.
//!
//! The audit of every write names its request and the address that came from, whoever writes and
//! however deep. So this travels with the task, like a span of the log, instead of through the
//! parameters of every operation, where one could forget it.

use std::future::Future;
use std::net::IpAddr;

/// Which request asks, and from where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The request's id, as its answer names it.
    pub request_id: Option<String>,
    /// The address it came from.
    pub source: Option<IpAddr>,
}

tokio::task_local! {
    static ORIGIN: Origin;
}

// === impl Origin ===

impl Origin {
    /// Runs what a request asks for.
    pub async fn of<T>(self, work: impl Future<Output = T>) -> T {
        ORIGIN.scope(self, work).await
    }

    /// Returns the one that is being worked for; nothing is known of one outside any request.
    pub(super) fn current() -> Self {
        ORIGIN.try_with(Clone::clone).unwrap_or_default()
    }
}
