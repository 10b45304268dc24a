//! `/admin/v1/gateways`: who follows the feed, how far, and how they are doing.

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use keystile_protocol::usage::Warning;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::administration::gateways;
use crate::domain::timestamp::Timestamp;
use crate::gateways::Machine;
use crate::http::admin::caller::{Answer, Caller};
use crate::http::problem::Problem;

/// Which revision is of interest.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct About {
    /// The revision of interest; the newest unless given.
    revision: Option<i64>,
}

/// The gateways on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Overview {
    /// The newest revision.
    head: i64,
    /// The revision asked about.
    revision: i64,
    /// On how many gateways every virtual machine knows it.
    live_on: usize,
    /// How many gateways there are.
    gateways: usize,
    /// Their virtual machines.
    data: Vec<Shown>,
}

/// A virtual machine on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Shown {
    gateway: String,
    vm: String,
    since: Timestamp,
    seen_at: Timestamp,
    revision: i64,
    is_current: bool,
    version: Option<String>,
    age_ms: Option<u64>,
    #[schemars(with = "Vec<String>")]
    warnings: Vec<Warning>,
}

/// Lists the gateways that follow this process.
pub(super) async fn list(Caller(acting): Caller, about: About) -> Answer<Overview> {
    let seen = gateways::overview(&acting, about.revision).await?;
    let head = seen.head;
    let machines = seen.machines.into_iter();
    Ok(Json(Overview {
        head,
        revision: seen.revision,
        live_on: seen.spread.live_on,
        gateways: seen.spread.gateways,
        data: machines.map(|machine| shown(machine, head)).collect(),
    }))
}

// === impl About ===

impl<S: Send + Sync> FromRequestParts<S> for About {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(about)) => Ok(about),
            Err(_) => Err(Problem::invalid_query("revision", "must be a whole number")),
        }
    }
}

fn shown(machine: Machine, head: i64) -> Shown {
    let condition = machine.condition;
    let (version, age_ms, warnings) = condition.map_or((None, None, Vec::new()), |condition| {
        (
            Some(condition.version),
            condition.age_ms,
            condition.warnings,
        )
    });
    Shown {
        gateway: machine.gateway,
        vm: machine.vm,
        since: machine.since,
        seen_at: machine.seen_at,
        revision: machine.revision,
        is_current: machine.revision >= head,
        version,
        age_ms,
        warnings,
    }
}
