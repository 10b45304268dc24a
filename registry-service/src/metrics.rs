//! Figures about the registry, as Prometheus reads them.
//!
//! What happens is counted where it happens; what can be looked at is looked at when somebody asks. No
//! label holds what a client can make up, so that their number stays what it is.

mod exposition;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry as Exposition;

pub use exposition::exposition;

/// Bounds of durations, in seconds: a cached page takes a tenth of a millisecond, a gateway's long poll
/// half a minute.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// What is counted where it happens.
#[derive(Debug, Clone)]
pub struct Metrics {
    /// Requests that were answered.
    pub requests: Family<Answered, Counter>,
    /// How long that took.
    pub durations: Family<Route, Histogram, fn() -> Histogram>,
    /// Gateways' machines that wait for news.
    pub waiting_readers: Gauge,
    /// Attempts to send mails.
    pub mails: Family<Mailed, Counter>,
}

/// A request, as far as anybody counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Answered {
    /// Which listener.
    pub listener: &'static str,
    /// The route's pattern.
    pub route: String,
    /// The method.
    pub method: &'static str,
    /// The answer's status.
    pub status: u16,
}

/// A route, whatever is asked of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Route {
    /// Which listener.
    pub listener: &'static str,
    /// Its pattern.
    pub route: String,
}

/// What came of an attempt to send a mail: `sent`, `again` or `given_up`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Mailed {
    /// What.
    pub outcome: &'static str,
}

/// Something that is counted by one less when it is over.
#[derive(Debug)]
pub struct Counted(Gauge);

// === impl Metrics ===

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            waiting_readers: Gauge::default(),
            mails: Family::default(),
        };
        // A count that begins with its first one does not show as an increase.
        for outcome in ["sent", "again", "given_up"] {
            drop(metrics.mails.get_or_create(&Mailed { outcome }));
        }
        metrics
    }
}

impl Metrics {
    fn register(&self, exposition: &mut Exposition) {
        exposition.register("http_requests", "Requests answered", self.requests.clone());
        exposition.register(
            "http_request_duration_seconds",
            "How long requests took, waiting for news included",
            self.durations.clone(),
        );
        exposition.register(
            "feed_waiting_readers",
            "Virtual machines of gateways that wait for news",
            self.waiting_readers.clone(),
        );
        exposition.register(
            "mails",
            "Attempts to send mails, by what came of them",
            self.mails.clone(),
        );
    }

    /// Counts one more machine that waits for news, until it does no longer.
    pub fn waiting_reader(&self) -> Counted {
        self.waiting_readers.inc();
        Counted(self.waiting_readers.clone())
    }
}

// === impl Counted ===

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
