//! The first page: what waits, what there is, and what to do next.

use serde::Serialize;
use serde_json::json;

use crate::administration::{
    applications, developers, gateways, portal, products, publications, registrations, services,
};
use crate::http::pages::admin::desk::Desk;
use crate::http::pages::admin::requests;
use crate::http::pages::{PageError, PageResult};
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

/// How much there is of everything.
#[derive(Serialize)]
struct Totals {
    products: i64,
    open_versions: i64,
    services: i64,
    developers: i64,
    pending_developers: i64,
    applications: i64,
    gateways: usize,
}

/// Shows the first page.
pub(super) async fn show(desk: Desk) -> PageResult {
    let pending = some().equal("status", "pending");
    let requests = registrations::list(&desk.acting, &pending).await?;
    let totals = totals(&desk).await?;
    let steps = steps(&totals);
    let page = json!({
        "is_set_up": steps.iter().all(|step| step.is_done),
        "steps": steps,
        "requests": requests.items.iter().map(requests::row).collect::<Vec<_>>(),
        "request_count": requests.total,
        "totals": totals,
        "portal_is_public": portal::show(&desk.acting).await?.is_public,
        "portal_url": desk.visit.settings().public_url.as_str(),
    });
    desk.show("admin/overview.html", page)
}

async fn totals(desk: &Desk) -> Result<Totals, PageError> {
    let (acting, some) = (&desk.acting, some());
    let open = some.clone().equal("application_registration_enabled", true);
    let pending = some.clone().equal("status", "pending");
    Ok(Totals {
        products: products::list(acting, &some).await?.total,
        open_versions: publications::list(acting, &open).await?.total,
        services: services::list(acting, &some).await?.total,
        developers: developers::list(acting, &some).await?.total,
        pending_developers: developers::list(acting, &pending).await?.total,
        applications: applications::list(acting, &some).await?.total,
        gateways: gateways::overview(acting, None).await?.spread.gateways,
    })
}

const fn some() -> Wanted {
    Wanted::all(Range {
        limit: SHOWN,
        offset: 0,
    })
}

fn steps(totals: &Totals) -> [Step; 5] {
    [
        Step {
            is_done: totals.products > 0,
            title: "Create an API product",
            text: "What developers see in the catalogue, such as Weather. Its version gets a service \
                   that an Envoy route names.",
            path: "/products/new",
        },
        Step {
            is_done: totals.open_versions > 0,
            title: "Enable app registration for a version",
            text: "Choose how applications authenticate, and whether you approve each of them.",
            path: "/products",
        },
        Step {
            is_done: totals.gateways > 0,
            title: "Let an Envoy follow the registry",
            text: "It needs the filter, an access token with the scope gateway, and routes that name \
                   their service: the service's page has the lines to copy.",
            path: "/gateways",
        },
        Step {
            is_done: totals.developers > 0,
            title: "Let developers in",
            text: "They sign up in the portal, or you invite them.",
            path: "/developers",
        },
        Step {
            is_done: totals.applications > 0,
            title: "See the first application arrive",
            text: "Developers create applications and request access; you find both here.",
            path: "/requests",
        },
    ]
}
