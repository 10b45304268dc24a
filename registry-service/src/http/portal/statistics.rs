//! `/api/v2/stats`: how the developer's applications use APIs.

mod query;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::domain::statistics::{By, Measure, Metric};
use crate::domain::timestamp::Timestamp;
use crate::http::body::Body;
use crate::http::portal::signed_in::Developer;
use crate::http::portal::statistics::query::Query;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::statistics::{self, Statistics};
use crate::storage::usage::{Figure, Names, RETENTION_MS};

/// Whether usage is collected.
#[derive(Debug, Serialize)]
pub(super) struct Config {
    /// How it is collected.
    analytics: Analytics,
}

/// How usage is collected.
#[derive(Debug, Serialize)]
struct Analytics {
    percentiles: bool,
    retention_ms: i64,
}

/// Figures, and what they are.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    meta: Meta,
    records: Vec<Record>,
}

#[derive(Debug, Serialize)]
struct Meta {
    /// The values figures are told apart by, the time excepted.
    dimensions: BTreeMap<By, Vec<String>>,
    metric_names: [Metric; 1],
    metric_units: BTreeMap<Metric, &'static str>,
    start_ms: i64,
    end_ms: i64,
    truncated: bool,
    /// How long the steps are; all of the time if there are none.
    granularity: i64,
}

/// One figure.
#[derive(Debug, Serialize)]
struct Record {
    /// The metric, and what tells the figure apart.
    event: Map<String, Value>,
    timestamp: Timestamp,
}

/// Says how usage is collected.
pub(super) async fn config(_: Developer) -> Json<Config> {
    Json(Config {
        analytics: Analytics {
            percentiles: true,
            retention_ms: RETENTION_MS,
        },
    })
}

/// Answers a question about the developer's own applications.
pub(super) async fn query(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Body(query): Body<Query>,
) -> Result<Json<Answer>, Problem> {
    let question = query.question()?;
    let found = statistics::ask(&registry, signed_in, question).await?;
    Ok(Json(answer(&query, &found)))
}

fn answer(query: &Query, found: &Statistics) -> Answer {
    let metric = query.metric();
    let granularity = found.step_ms.unwrap_or(query.end_ms - query.start_ms);
    let mut dimensions: BTreeMap<By, Vec<String>> = BTreeMap::new();
    for by in query.values() {
        let values = dimensions.entry(by).or_default();
        for figure in &found.figures {
            let value = value(by, figure, &found.names);
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
    let record = |figure| record(query, found, figure);
    Answer {
        meta: Meta {
            dimensions,
            metric_names: [metric],
            metric_units: BTreeMap::from([(metric, metric.unit())]),
            start_ms: query.start_ms,
            end_ms: query.end_ms,
            truncated: found.is_truncated,
            granularity,
        },
        records: found.figures.iter().filter_map(record).collect(),
    }
}

/// Returns a figure, if it is one that is measured.
fn record(query: &Query, found: &Statistics, figure: &Figure) -> Option<Record> {
    let metric = query.metric();
    let began_at = figure.began_at.unwrap_or(Timestamp(query.start_ms));
    let step_ms = found.step_ms.unwrap_or(i64::MAX);
    let ended_at = began_at.plus_ms(step_ms).0.min(query.end_ms);
    let measure = metric.measure(&figure.latencies, ended_at - began_at.0)?;
    let mut event = Map::new();
    for by in query.values() {
        let value = value(by, figure, &found.names);
        event.insert(by.name().to_owned(), Value::from(value));
    }
    event.insert(metric.name().to_owned(), number(measure));
    Some(Record {
        event,
        timestamp: began_at,
    })
}

fn number(measure: Measure) -> Value {
    match measure {
        Measure::Count(count) => Value::from(count),
        Measure::Amount(amount) => Value::from(amount),
    }
}

/// Returns what a figure is told apart by, in words; what is gone has only its id.
fn value(by: By, figure: &Figure, names: &Names) -> String {
    let status = figure.status.unwrap_or_default();
    match by {
        By::Application => figure.application.map(|id| {
            let name = names.applications.get(&id);
            name.cloned().unwrap_or_else(|| id.to_string())
        }),
        By::ApiProductVersion => figure.product_version.map(|id| {
            let name = names.product_versions.get(&id);
            name.cloned().unwrap_or_else(|| id.to_string())
        }),
        By::StatusCode => Some(status.to_string()),
        By::StatusCodeGrouped => Some(format!("{status}XX")),
        By::Time => None,
    }
    .unwrap_or_else(|| "none".to_owned())
}
