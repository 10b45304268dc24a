//! The portal's listener: the Portal Client API v2, as the OpenAPI document in npm
//! `@kong/sdk-portal-js` 2.16.0 describes it and nothing it does not know, and [`extension`] with the
//! rest.
//!
//! Read in this order: [`cookie`] and [`signed_in`] are who asks, [`filter`] what
//! for; then one module for each resource.

mod appearance;
mod application;
mod context;
mod cookie;
mod credential;
mod developer;
mod document;
mod extension;
mod filter;
mod identity_provider;
mod login;
mod product;
mod registration;
pub(super) mod signed_in;
mod specification;
mod statistics;
mod strategy;
mod version;

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post, put};

use crate::http::openapi::{About, Access, Routes};
use crate::http::problem::Problem;
use crate::http::{openapi, origin};
use crate::registry::Registry;

/// Returns the routes.
pub(super) fn routes(registry: &Arc<Registry>) -> Router<Arc<Registry>> {
    let client_api = Router::new()
        .route("/portal", get(context::show))
        .route("/portal/appearance", get(appearance::show))
        .nest("/developer", developer_routes())
        .route("/search/{index}", get(product::search))
        .nest("/products", product_routes())
        .nest("/applications", application_routes())
        .route("/stats", post(statistics::query))
        .route("/stats/config", get(statistics::config))
        .layer(from_fn_with_state(Arc::clone(registry), origin::own_only))
        .layer(map_response(keep_within_contract))
        .merge(appearance::routes());
    let about = About {
        title: "Keystile: what developers can do beyond Konnect's API",
        path: "/api/ext/v1/openapi.json",
        access: Access::Cookie,
    };
    let extension = Routes::new().nest("/api/ext/v1", extension::routes());
    let extension = openapi::served(extension, &about)
        .layer(from_fn_with_state(Arc::clone(registry), origin::own_only))
        .layer(map_response(keep_to_oneself));
    Router::new().nest("/api/v2", client_api).merge(extension)
}

fn developer_routes() -> Router<Arc<Registry>> {
    Router::new()
        .route("/", post(developer::sign_up))
        .route("/me", get(developer::me))
        .route("/verify-email", post(developer::verify_email))
        .route("/forgot-password", post(developer::forgot_password))
        .route("/reset-password", post(developer::reset_password))
        .route("/authenticate", post(login::authenticate))
        .route("/authenticate/sso", get(identity_provider::single_sign_on))
        .route("/refresh", post(login::refresh))
        .route("/logout", post(login::logout))
}

fn product_routes() -> Router<Arc<Registry>> {
    Router::new()
        .route("/", get(product::list))
        .route("/{product}", get(product::lookup))
        .route("/{product}/actions", get(product::actions))
        .route("/{product}/documents", get(document::list))
        .route("/{product}/documents/{document}", get(document::lookup))
        .route("/{product}/versions", get(version::list))
        .route("/{product}/versions/{version}", get(version::lookup))
        .route(
            "/{product}/versions/{version}/spec",
            get(specification::show),
        )
        .route(
            "/{product}/versions/{version}/spec/operations",
            get(specification::operations),
        )
        .route(
            "/{product}/versions/{version}/applications",
            get(version::applications),
        )
}

fn application_routes() -> Router<Arc<Registry>> {
    Router::new()
        .route("/", get(application::list).post(application::add))
        .route("/auth-strategies", get(strategy::list))
        .route(
            "/{application}",
            get(application::lookup)
                .patch(application::change)
                .delete(application::remove),
        )
        .route(
            "/{application}/registrations",
            get(registration::list).post(registration::add),
        )
        .route(
            "/{application}/registrations/{registration}",
            get(registration::lookup).delete(registration::remove),
        )
        .route(
            "/{application}/registrations/{registration}/granted-scopes",
            get(identity_provider::scopes_of_registration),
        )
        .route(
            "/{application}/product-versions/{version}/granted-scopes",
            get(identity_provider::scopes_of_version),
        )
        .route(
            "/{application}/refresh-token",
            post(identity_provider::refresh_secret),
        )
        .route(
            "/{application}/credentials",
            get(credential::list).post(credential::issue),
        )
        .route(
            "/{application}/credentials/{credential}",
            put(credential::rename).delete(credential::withdraw),
        )
}

/// Keeps refusals within what Konnect's document allows.
async fn keep_within_contract(mut response: Response) -> Response {
    if let Some(problem) = response.extensions_mut().get_mut::<Problem>() {
        problem.keep_to_konnects_rules();
    }
    keep_to_oneself(response).await
}

/// Keeps answers out of every cache: most are one developer's business, and some hold a key.
async fn keep_to_oneself(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}
