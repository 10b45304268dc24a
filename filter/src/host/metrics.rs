//! What the proxy's statistics show. The reason of a denial is the last segment of its name, for
//! Envoy's `stats_tags` to make a label of.

use std::rc::Rc;

use keystile_core::config::Config;
use keystile_core::replica::Status;
use keystile_core::reply::Denial;
use proxy_wasm::types::MetricType;

use super::abi;

/// Every reason for a denial, and its name.
const DENIALS: [(Denial, &str); 8] = [
    (Denial::NoKey, "no_key"),
    (Denial::DuplicateKey, "duplicate_key"),
    (Denial::UnknownKey, "unknown_key"),
    (Denial::NotAdmitted, "not_admitted"),
    (Denial::AnonymousNotAdmitted, "anonymous_not_admitted"),
    (Denial::NoService, "no_service"),
    (Denial::BodyTooLarge, "body_too_large"),
    (Denial::Undecidable, "undecidable"),
];

/// The filter's metrics. The proxy adds counters up over its VMs; of gauges the last one counts.
#[derive(Debug)]
pub(super) struct Metrics {
    /// Requests that went upstream.
    pub(super) allowed: Counter,
    /// Questions about single keys.
    pub(super) checks: Counter,
    /// Requests that waited for a question that was asked already.
    pub(super) coalesced: Counter,
    /// Requests to the feed.
    pub(super) feed_requests: Counter,
    /// Callouts that brought no answer of the registry.
    pub(super) unreachable: Counter,
    denied: [(Denial, Counter); 8],
    services: Gauge,
    applications: Gauge,
    credentials: Gauge,
    revision: Gauge,
    age_ms: Gauge,
    complete: Gauge,
    without_body: Gauge,
    without_anonymous: Gauge,
}

/// Something that happens; without an id if the proxy refused to count it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counter(Option<u32>);

#[derive(Debug, Clone, Copy)]
struct Gauge(Option<u32>);

thread_local! {
    /// A VM's metrics: it may have several roots, and defining them again costs the host a lookup
    /// for each.
    static METRICS: Rc<Metrics> = Rc::new(Metrics::define());
}

// === impl Metrics ===

impl Metrics {
    /// Returns the VM's metrics.
    pub(super) fn of_vm() -> Rc<Self> {
        METRICS.with(Rc::clone)
    }

    /// Counts a denial by its reason.
    pub(super) fn count_denial(&self, denial: Denial) {
        let counter = self.denied.iter().find(|(reason, _)| *reason == denial);
        if let Some((_, counter)) = counter {
            counter.increment();
        }
    }

    /// Shows how the replica is doing, and which of its services are not served as they ask for.
    pub(super) fn show(&self, status: &Status, config: &Config) {
        let without_body = if config.body.enabled {
            0
        } else {
            status.services_with_bodies
        };
        self.without_body.record(without_body as u64);
        self.without_anonymous
            .record(status.services_without_anonymous as u64);
        self.services.record(status.counts.services as u64);
        self.applications.record(status.counts.applications as u64);
        self.credentials.record(status.counts.credentials as u64);
        self.revision.record(status.revision);
        self.complete.record(u64::from(status.is_complete));
        if let Some(age_ms) = status.age_ms {
            self.age_ms.record(age_ms);
        }
    }

    fn define() -> Self {
        Self {
            allowed: Counter::define("keystile.allowed"),
            checks: Counter::define("keystile.callouts.check"),
            coalesced: Counter::define("keystile.callouts.coalesced"),
            feed_requests: Counter::define("keystile.callouts.feed"),
            unreachable: Counter::define("keystile.callouts.unreachable"),
            denied: DENIALS.map(|(denial, name)| {
                let name = format!("keystile.denied.{name}");
                (denial, Counter::define(&name))
            }),
            services: Gauge::define("keystile.table.services"),
            applications: Gauge::define("keystile.table.applications"),
            credentials: Gauge::define("keystile.table.credentials"),
            revision: Gauge::define("keystile.feed.revision"),
            age_ms: Gauge::define("keystile.feed.age_ms"),
            complete: Gauge::define("keystile.feed.complete"),
            without_body: Gauge::define("keystile.services.without_body"),
            without_anonymous: Gauge::define("keystile.services.without_anonymous"),
        }
    }
}

// === impl Counter ===

impl Counter {
    /// Counts one.
    pub(super) fn increment(self) {
        if let Self(Some(id)) = self {
            // A count that is lost is not worth a request.
            let _ = abi::increment_metric(id);
        }
    }

    fn define(name: &str) -> Self {
        Self(abi::define_metric(MetricType::Counter, name).ok())
    }
}

// === impl Gauge ===

impl Gauge {
    fn define(name: &str) -> Self {
        Self(abi::define_metric(MetricType::Gauge, name).ok())
    }

    fn record(self, value: u64) {
        if let Self(Some(id)) = self {
            // The next tick records it again.
            let _ = abi::record_metric(id, value);
        }
    }
}
