//! The admin listener: Konnect-shaped objects at `/v2`, our own at `/admin/v1`.

mod administrators;
mod applications;
pub(super) mod caller;
mod credentials;
mod developers;
mod documents;
pub(super) mod gateways;
pub(super) mod logs;
mod plugins;
mod portals;
mod products;
mod publications;
mod registrations;
mod services;
mod specifications;
mod strategies;
mod tokens;
mod versions;

use std::sync::Arc;

use aide::axum::routing::{delete, get, patch, post};
use axum::middleware::from_fn_with_state;

use crate::http::bearer::{self, Door};
use crate::http::openapi::Routes;
use crate::registry::Registry;

/// Returns the routes; every one needs a token.
pub(super) fn routes(registry: &Arc<Registry>) -> Routes {
    let only_here = || from_fn_with_state(Arc::clone(registry), portals::only_here);
    let behind = |door| {
        let state = (Arc::clone(registry), door);
        from_fn_with_state(state, bearer::for_administrators)
    };
    let managed = catalogue()
        .merge(ours())
        .merge(published().route_layer(only_here()));
    let decided = decisions().route_layer(only_here()).merge(many_decisions());
    let owned = settings()
        .route_layer(only_here())
        .merge(tokens_and_people());
    managed
        .route_layer(behind(Door::Managed))
        .merge(decided.route_layer(behind(Door::Decided)))
        .merge(owned.route_layer(behind(Door::Owned)))
        .merge(confidential().route_layer(behind(Door::Confidential)))
}

/// What a product owner offers.
fn catalogue() -> Routes {
    Routes::new()
        .api_route("/v2/api-products", get(products::list).post(products::add))
        .api_route(
            "/v2/api-products/{product}",
            get(products::lookup)
                .patch(products::change)
                .delete(products::remove),
        )
        .api_route(
            "/v2/api-products/{product}/product-versions",
            get(versions::list).post(versions::add),
        )
        .api_route(
            "/v2/api-products/{product}/product-versions/{version}",
            get(versions::lookup)
                .patch(versions::change)
                .delete(versions::remove),
        )
        .api_route("/v2/portals", get(portals::list))
        .merge(described())
        .api_route(
            "/v2/application-auth-strategies",
            get(strategies::list).post(strategies::add),
        )
        .api_route(
            "/v2/application-auth-strategies/{strategy}",
            get(strategies::lookup)
                .patch(strategies::change)
                .delete(strategies::remove),
        )
}

/// What a product owner says about it.
fn described() -> Routes {
    let path = "/v2/api-products/{product}/product-versions/{version}/specifications";
    Routes::new()
        .api_route(
            "/v2/api-products/{product}/documents",
            get(documents::list).post(documents::add),
        )
        .api_route(
            "/v2/api-products/{product}/documents/{document}",
            get(documents::lookup)
                .patch(documents::change)
                .delete(documents::remove),
        )
        .api_route(path, get(specifications::list).post(specifications::add))
        .api_route(
            &format!("{path}/{{specification}}"),
            get(specifications::lookup)
                .patch(specifications::change)
                .delete(specifications::remove),
        )
}

/// How the portal is set up.
fn settings() -> Routes {
    let portal = get(portals::lookup).patch(portals::change);
    Routes::new().api_route("/v2/portals/{portal}", portal)
}

/// What is done with tokens, and by whom.
fn tokens_and_people() -> Routes {
    Routes::new()
        .api_route("/admin/v1/tokens", get(tokens::list).post(tokens::add))
        .api_route("/admin/v1/tokens/{token}", delete(tokens::revoke))
        .api_route(
            "/admin/v1/administrators",
            get(administrators::list).post(administrators::add),
        )
        .api_route(
            "/admin/v1/administrators/{administrator}",
            get(administrators::lookup)
                .patch(administrators::change)
                .delete(administrators::remove),
        )
        .api_route(
            "/admin/v1/administrators/{administrator}/link",
            post(administrators::invite),
        )
}

/// Mails, whose links let their readers in.
fn confidential() -> Routes {
    Routes::new().api_route("/admin/v1/outbox", get(logs::outbox))
}

/// What is decided about several at once.
fn many_decisions() -> Routes {
    let path = "/admin/v1/registrations/decisions";
    Routes::new().api_route(path, post(registrations::decide_all))
}

/// What the portal publishes, and who calls it.
fn published() -> Routes {
    Routes::new()
        .api_route(
            "/v2/portals/{portal}/product-versions",
            get(publications::list).post(publications::add),
        )
        .api_route(
            "/v2/portals/{portal}/product-versions/{version}",
            get(publications::lookup)
                .put(publications::replace)
                .patch(publications::change)
                .delete(publications::remove),
        )
        .api_route("/v2/portals/{portal}/applications", get(applications::list))
        .api_route(
            "/v2/portals/{portal}/applications/{application}",
            get(applications::lookup).delete(applications::remove),
        )
}

/// What an approver decides.
fn decisions() -> Routes {
    Routes::new()
        .api_route("/v2/portals/{portal}/developers", get(developers::list))
        .api_route(
            "/v2/portals/{portal}/developers/{developer}",
            get(developers::lookup)
                .patch(developers::decide)
                .delete(developers::remove),
        )
        .api_route(
            "/v2/portals/{portal}/application-registrations",
            get(registrations::list),
        )
        .api_route(
            "/v2/portals/{portal}/applications/{application}/registrations",
            get(registrations::list_of_application),
        )
        .api_route(
            "/v2/portals/{portal}/applications/{application}/registrations/{registration}",
            get(registrations::lookup)
                .patch(registrations::decide)
                .delete(registrations::remove),
        )
}

/// What Konnect has no shape for.
fn ours() -> Routes {
    let application = "/admin/v1/applications/{application}";
    Routes::new()
        .api_route(
            "/admin/v1/services",
            get(services::list).post(services::add),
        )
        .api_route(
            "/admin/v1/services/{service}",
            get(services::lookup)
                .patch(services::change)
                .delete(services::remove),
        )
        .api_route("/admin/v1/developers", post(developers::add))
        .api_route("/admin/v1/applications", post(applications::add))
        .api_route(application, patch(applications::change))
        .api_route(
            &format!("{application}/groups"),
            get(applications::groups).put(applications::set_groups),
        )
        .api_route(
            &format!("{application}/credentials"),
            get(credentials::list).post(credentials::add),
        )
        .api_route(
            &format!("{application}/credentials/{{credential}}"),
            delete(credentials::remove).patch(credentials::change),
        )
        .api_route("/admin/v1/credentials/imports", post(credentials::import))
        .api_route("/admin/v1/registrations", post(registrations::add))
        .api_route(
            "/admin/v1/services/{service}/plugins",
            get(plugins::of_service),
        )
        .api_route(
            "/admin/v1/product-versions/{version}/plugins",
            get(plugins::of_version),
        )
        .api_route("/admin/v1/gateways", get(gateways::list))
        .api_route("/admin/v1/audit", get(logs::audit))
        .api_route("/admin/v1/audit.csv", get(logs::audit_file))
}
