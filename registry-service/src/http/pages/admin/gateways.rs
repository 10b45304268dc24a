//! The gateways: what each of their virtual machines knows, and what keeps it from working.

use keystile_protocol::usage::Warning;
use serde_json::{Value, json};

use crate::administration::gateways;
use crate::gateways::Machine;
use crate::http::pages::PageResult;
use crate::http::pages::admin::desk::Desk;

/// Shows the gateways.
pub(super) async fn show(desk: Desk) -> PageResult {
    let seen = gateways::overview(&desk.acting, None).await?;
    let machine = |machine: &Machine| row(machine, seen.head);
    let page = json!({
        "head": seen.head,
        "live_on": seen.spread.live_on,
        "gateways": seen.spread.gateways,
        "machines": seen.machines.iter().map(machine).collect::<Vec<_>>(),
    });
    desk.show("admin/gateways.html", page)
}

fn row(machine: &Machine, head: i64) -> Value {
    let condition = machine.condition.as_ref();
    let warnings = condition.map(|condition| condition.warnings.as_slice());
    let warnings = warnings.unwrap_or_default().iter();
    json!({
        "gateway": machine.gateway,
        "vm": machine.vm,
        "since": machine.since,
        "seen_at": machine.seen_at,
        "revision": machine.revision,
        "is_current": machine.revision >= head,
        "version": condition.map(|condition| &condition.version),
        "age_s": condition.and_then(|condition| condition.age_ms).map(|age| age / 1000),
        "warnings": warnings.map(|warning| said(*warning)).collect::<Vec<_>>(),
    })
}

fn said(warning: Warning) -> &'static str {
    match warning {
        Warning::BodiesNotRead => {
            "A service takes keys from the body, and this filter is not configured to read bodies."
        }
        Warning::AnonymousMissing => {
            "A service's anonymous application is gone: requests without a key are refused."
        }
        Warning::UsageLost => "Some counts of use were lost before they could be reported.",
    }
}
