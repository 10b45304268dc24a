//! The first page: what waits, what there is, and what to do next.

use serde::Serialize;
use serde_json::json;

use crate::administration::{
    applications, developers, portal, products, publications, registrations, services,
};
use crate::http::pages::PageResult;
use crate::http::pages::admin::desk::Desk;
use crate::http::pages::admin::requests;
use crate::storage::{Range, Wanted};

/// How many requests the first page shows.
const SHOWN: i64 = 5;

/// A step from an empty registry to the first application that calls.
#[derive(Serialize)]
struct Step {
    is_done: bool,
    title: &'static str,
    text: &'static str,
    path: &'static str,
}

/// Shows the first page.
pub(super) async fn show(desk: Desk) -> PageResult {
    let acting = &desk.acting;
    let some = Wanted::all(Range {
        limit: SHOWN,
        offset: 0,
    });
    let pending = some.clone().equal("status", "pending");
    let requests = registrations::list(acting, &pending).await?;
    let open = some.clone().equal("application_registration_enabled", true);
    let totals = json!({
        "products": products::list(acting, &some).await?.total,
        "open_versions": publications::list(acting, &open).await?.total,
        "services": services::list(acting, &some).await?.total,
        "developers": developers::list(acting, &some).await?.total,
        "pending_developers": developers::list(acting, &pending).await?.total,
        "applications": applications::list(acting, &some).await?.total,
        "requests": requests.total,
    });
    let is_any = |name: &str| {
        totals
            .get(name)
            .and_then(serde_json::Value::as_i64)
            .unwrap_or(0)
            > 0
    };
    let steps = steps([
        is_any("products"),
        is_any("open_versions"),
        is_any("developers"),
        is_any("applications"),
    ]);
    let page = json!({
        "steps": steps,
        "is_set_up": steps.iter().all(|step| step.is_done),
        "requests": requests.items.iter().map(requests::row).collect::<Vec<_>>(),
        "totals": totals,
        "portal_is_public": portal::show(acting).await?.is_public,
        "portal_url": desk.visit.settings().public_url.as_str(),
    });
    desk.show("admin/overview.html", page)
}

fn steps([products, open, developers, applications]: [bool; 4]) -> [Step; 4] {
    [
        Step {
            is_done: products,
            title: "Create an API product",
            text: "What developers see in the catalogue, such as Weather. Its version gets a service \
                   that an Envoy route names.",
            path: "/products/new",
        },
        Step {
            is_done: open,
            title: "Enable app registration for a version",
            text: "Choose how applications authenticate, and whether you approve each of them.",
            path: "/products",
        },
        Step {
            is_done: developers,
            title: "Let developers in",
            text: "They sign up in the portal, or you invite them.",
            path: "/developers",
        },
        Step {
            is_done: applications,
            title: "See the first application arrive",
            text: "Developers create applications and request access; you find both here.",
            path: "/requests",
        },
    ]
}
