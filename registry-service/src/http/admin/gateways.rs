//! `/admin/v1/gateways`: who follows the feed, how far, and how they are doing.

use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use keystile_protocol::usage::Warning;
use serde::{Deserialize, Serialize};

use crate::administration::gateways;
use crate::domain::timestamp::Timestamp;
use crate::gateways::Machine;
use crate::http::admin::caller::{Answer, Caller};
use crate::http::problem::Problem;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    /// The revision of interest; the newest unless given.
    revision: Option<i64>,
}

/// The gateways on the wire.
#[derive(Debug, Serialize)]
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
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    gateway: String,
    vm: String,
    since: Timestamp,
    seen_at: Timestamp,
    revision: i64,
    is_current: bool,
    version: Option<String>,
    age_ms: Option<u64>,
    warnings: Vec<Warning>,
}

/// Lists the gateways that follow this process.
pub(super) async fn list(
    Caller(acting): Caller,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Answer<Overview> {
    let Ok(Query(Parameters { revision })) = parameters else {
        return Err(Problem::invalid_query("revision", "must be a revision"));
    };
    let seen = gateways::overview(&acting, revision).await?;
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
