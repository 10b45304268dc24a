//! `POST /gateway/v1/usage`: how a gateway's virtual machine is doing, and what keys were used for.

use std::sync::Arc;

use aide::NoApi;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use keystile_protocol::usage::{LATENCY_BUCKETS, MOST_COUNTS, Report};
use keystile_protocol::wire;

use crate::http::body;
use crate::http::gateway::format::Format;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::usage::Counted;

/// Counts what is reported; a report that comes again is answered alike.
pub(super) async fn report(
    State(registry): State<Arc<Registry>>,
    NoApi(request): NoApi<Request>,
) -> Result<StatusCode, Problem> {
    let sent = Format::sent(request.headers(), wire::USAGE)?;
    let bytes = body::read(request, &()).await?;
    let report: Report = sent.decode(&bytes)?;
    if !is_countable(&report) {
        return Err(Problem::invalid_field(
            "counts",
            "range",
            format!("must be at most {MOST_COUNTS}, in {LATENCY_BUCKETS} buckets"),
        ));
    }
    let now = registry.clock.now();
    registry.gateways.note_report(&report, now);
    // Whether it had been counted before or was now: it need not come again.
    let _: Counted = registry.storage.count_usage(&report, now).await?;
    Ok(StatusCode::OK)
}

fn is_countable(report: &Report) -> bool {
    let counts = &report.counts;
    let mut latencies = counts.iter().flat_map(|count| &count.latencies);
    counts.len() <= MOST_COUNTS
        && latencies.all(|latency| usize::from(latency.bucket) < LATENCY_BUCKETS)
        && counts
            .iter()
            .all(|count| count.latencies.len() <= LATENCY_BUCKETS)
}
