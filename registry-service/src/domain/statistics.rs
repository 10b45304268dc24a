//! What is measured of how an API is used, by Konnect's names.

use serde::Serialize;

use crate::domain::name::named;
use crate::domain::usage::Histogram;

const MINUTE_MS: f64 = 60_000.0;

named! {
    /// What is measured.
    Metric {
        /// How many requests there were.
        RequestCount = "REQUEST_COUNT",
        /// How many a minute.
        RequestPerMinute = "REQUEST_PER_MINUTE",
        /// What 99 of 100 answers took at most.
        ResponseLatencyP99 = "RESPONSE_LATENCY_P99",
        /// What 95 of 100 took.
        ResponseLatencyP95 = "RESPONSE_LATENCY_P95",
        /// What half of them took.
        ResponseLatencyP50 = "RESPONSE_LATENCY_P50",
        /// How large answers are; gateways do not say.
        ResponseSizeP99 = "RESPONSE_SIZE_P99",
        /// As above.
        ResponseSizeP95 = "RESPONSE_SIZE_P95",
        /// As above.
        ResponseSizeP50 = "RESPONSE_SIZE_P50",
        /// How large requests are; gateways do not say.
        RequestSizeP99 = "REQUEST_SIZE_P99",
        /// As above.
        RequestSizeP95 = "REQUEST_SIZE_P95",
        /// As above.
        RequestSizeP50 = "REQUEST_SIZE_P50",
    }
}

named! {
    /// What figures are told apart by.
    By {
        /// The product version.
        ApiProductVersion = "API_PRODUCT_VERSION",
        /// The application.
        Application = "APPLICATION",
        /// The status.
        StatusCode = "STATUS_CODE",
        /// The status's first digit.
        StatusCodeGrouped = "STATUS_CODE_GROUPED",
        /// The time.
        Time = "TIME",
    }
}

named! {
    /// Whether figures with certain values are wanted, or those without.
    Keep {
        /// Those with them.
        With = "IN",
        /// Those without them.
        Without = "NOT_IN",
    }
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Measure {
    /// So many.
    Count(i64),
    /// So much.
    Amount(f64),
}

// === impl Metric ===

impl Metric {
    /// Returns what it is measured in.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::RequestCount => "count",
            Self::RequestPerMinute => "count/minute",
            Self::ResponseLatencyP99 | Self::ResponseLatencyP95 | Self::ResponseLatencyP50 => "ms",
            _ => "bytes",
        }
    }

    /// Measures the requests of some time; `None` is what gateways do not report.
    pub fn measure(self, requests: &Histogram, duration_ms: i64) -> Option<Measure> {
        let latency = |percent| requests.percentile_ms(percent).map(Measure::Amount);
        match self {
            Self::RequestCount => Some(Measure::Count(requests.requests())),
            Self::RequestPerMinute => Some(per_minute(requests.requests(), duration_ms)),
            Self::ResponseLatencyP99 => latency(99),
            Self::ResponseLatencyP95 => latency(95),
            Self::ResponseLatencyP50 => latency(50),
            _ => None,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "neither requests nor milliseconds come near 2^53"
)]
fn per_minute(requests: i64, duration_ms: i64) -> Measure {
    // What began just now is as long as the shortest time there is.
    let minutes = duration_ms.max(1) as f64 / MINUTE_MS;
    Measure::Amount(requests as f64 / minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_the_minute_of_the_time_that_was_asked_for() {
        let mut requests = Histogram::default();
        requests.add(4, 30);
        let measured = Metric::RequestPerMinute.measure(&requests, 120_000);
        assert_eq!(measured, Some(Measure::Amount(15.0)));
    }

    #[test]
    fn what_gateways_do_not_report_is_not_made_up() {
        let mut requests = Histogram::default();
        requests.add(4, 30);
        for metric in [Metric::RequestSizeP50, Metric::ResponseSizeP99] {
            assert_eq!(metric.unit(), "bytes");
            assert_eq!(metric.measure(&requests, 1), None, "{metric}");
        }
    }
}
