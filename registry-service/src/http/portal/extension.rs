//! `/api/ext/v1`: what developers can do that Konnect's API has no words for.
//!
//! The same cookies and the same rules of origin as `/api/v2`; its document is our own.

mod account;
mod application;
mod credential;
mod registration;
mod session;

use aide::axum::routing::{delete, get, post, put};

use crate::http::openapi::Routes;

/// Returns the routes.
pub(super) fn routes() -> Routes {
    Routes::new()
        .api_route("/account", delete(account::remove))
        .api_route("/account/password", put(account::change_password))
        .api_route("/account/email", put(account::ask_for_email))
        .api_route("/account/email/confirm", post(account::confirm_email))
        .api_route("/sessions", get(session::list).delete(session::end_others))
        .api_route("/sessions/{session}", delete(session::end))
        .api_route("/applications", post(application::add))
        .api_route(
            "/applications/{application}/registrations",
            get(registration::list).post(registration::ask),
        )
        .api_route(
            "/applications/{application}/credentials",
            get(credential::list).post(credential::issue),
        )
        .api_route(
            "/applications/{application}/credentials/{credential}/rotate",
            post(credential::rotate),
        )
}
