//! The administrators' pages, on the admin listener.
//!
//! [`desk`] is who is logged in and how they are answered; then one module for each screen. Each calls
//! the operations of `administration`, as the admin API does; no rule lives here.

mod account;
mod acl;
mod administrators;
mod applications;
mod desk;
mod developers;
mod documents;
mod gateways;
mod key_auth;
mod logs;
mod overview;
mod products;
mod publication;
mod refusals;
mod requests;
mod service_view;
mod services;
mod settings;
mod specification;
mod strategies;
mod tokens;
mod versions;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::registry::Registry;

type Routes = Router<Arc<Registry>>;

/// Returns the routes.
pub(in crate::http) fn routes() -> Routes {
    Router::new()
        .route(
            "/welcome",
            get(account::welcome).post(account::set_password),
        )
        .route("/login", get(account::show).post(account::log_in))
        .route("/logout", post(account::log_out))
        .route(
            "/password",
            get(account::ask_again).post(account::log_in_again),
        )
        .route("/", get(overview::show))
        .route("/settings", get(settings::show).post(settings::change))
        .route("/requests", get(requests::list).post(requests::decide))
        .route("/audit", get(logs::audit))
        .route("/audit.csv", get(logs::audit_file))
        .route("/outbox", get(logs::outbox))
        .route("/gateways", get(gateways::show))
        .route("/refusals", get(refusals::show).post(refusals::look_up))
        .merge(catalogue())
        .merge(versions_of_products())
        .merge(papers())
        .merge(guards())
        .merge(people())
        .merge(callers())
}

/// What is offered.
fn catalogue() -> Routes {
    Router::new()
        .route("/products", get(products::list))
        .route("/products/new", get(products::blank).post(products::add))
        .route("/products/{product}", get(products::show))
        .route(
            "/products/{product}/edit",
            get(products::edit).post(products::change),
        )
        .route(
            "/products/{product}/delete",
            get(products::confirm).post(products::remove),
        )
}

/// Its versions, and how each is offered.
fn versions_of_products() -> Routes {
    Router::new()
        .route(
            "/products/{product}/versions/new",
            get(versions::blank).post(versions::add),
        )
        .route(
            "/products/{product}/versions/{version}",
            get(versions::show),
        )
        .route(
            "/products/{product}/versions/{version}/edit",
            get(versions::edit).post(versions::change),
        )
        .route(
            "/products/{product}/versions/{version}/delete",
            get(versions::confirm).post(versions::remove),
        )
        .route(
            "/products/{product}/versions/{version}/registration",
            get(publication::show).post(publication::enable),
        )
        .route(
            "/products/{product}/versions/{version}/registration/disable",
            post(publication::disable),
        )
        .route(
            "/products/{product}/versions/{version}/publish",
            post(publication::publish),
        )
        .route(
            "/products/{product}/versions/{version}/unpublish",
            post(publication::unpublish),
        )
}

/// What developers read about it.
fn papers() -> Routes {
    Router::new()
        .route("/products/{product}/documents", get(documents::list))
        .route(
            "/products/{product}/documents/new",
            get(documents::blank).post(documents::add),
        )
        .route(
            "/products/{product}/documents/{document}",
            get(documents::edit).post(documents::change),
        )
        .route(
            "/products/{product}/documents/{document}/delete",
            get(documents::confirm).post(documents::remove),
        )
        .route(
            "/products/{product}/versions/{version}/specification",
            get(specification::show).post(specification::keep),
        )
        .route(
            "/products/{product}/versions/{version}/specification/delete",
            post(specification::remove),
        )
}

/// How it is guarded.
fn guards() -> Routes {
    Router::new()
        .route("/services", get(services::list))
        .route("/services/new", get(services::blank).post(services::add))
        .route("/services/{service}", get(services::show))
        .route(
            "/services/{service}/edit",
            get(services::edit).post(services::change),
        )
        .route(
            "/services/{service}/delete",
            get(services::confirm).post(services::remove),
        )
        .route(
            "/services/{service}/key-auth",
            get(key_auth::show).post(key_auth::change),
        )
        .route("/services/{service}/acl", get(acl::show).post(acl::change))
        .route("/strategies", get(strategies::list))
        .route(
            "/strategies/new",
            get(strategies::blank).post(strategies::add),
        )
        .route(
            "/strategies/{strategy}",
            get(strategies::edit).post(strategies::change),
        )
        .route(
            "/strategies/{strategy}/delete",
            get(strategies::confirm).post(strategies::remove),
        )
        .route("/tokens", get(tokens::list))
        .route("/tokens/new", get(tokens::blank).post(tokens::add))
        .route(
            "/tokens/{token}/revoke",
            get(tokens::confirm).post(tokens::revoke),
        )
}

/// Who administers it, and who uses it.
fn people() -> Routes {
    Router::new()
        .route("/administrators", get(administrators::list))
        .route(
            "/administrators/new",
            get(administrators::blank).post(administrators::add),
        )
        .route(
            "/administrators/{admin}/invite",
            post(administrators::invite),
        )
        .route(
            "/administrators/{admin}/delete",
            get(administrators::confirm).post(administrators::remove),
        )
        .route("/developers", get(developers::list))
        .route(
            "/developers/new",
            get(developers::blank).post(developers::add),
        )
        .route(
            "/developers/{developer}",
            get(developers::show).post(developers::decide),
        )
        .route(
            "/developers/{developer}/delete",
            get(developers::confirm).post(developers::remove),
        )
}

/// What calls it.
fn callers() -> Routes {
    Router::new()
        .route("/applications", get(applications::list))
        .route(
            "/applications/new",
            get(applications::blank).post(applications::add),
        )
        .route("/applications/{application}", get(applications::show))
        .route(
            "/applications/{application}/groups",
            post(applications::set_groups),
        )
        .route(
            "/applications/{application}/suspend",
            post(applications::suspend),
        )
        .route(
            "/applications/{application}/delete",
            get(applications::confirm).post(applications::remove),
        )
        .route(
            "/applications/{application}/credentials/{credential}/suspend",
            post(applications::suspend_key),
        )
        .route(
            "/applications/{application}/credentials/{credential}/delete",
            get(applications::confirm_key).post(applications::remove_key),
        )
}
