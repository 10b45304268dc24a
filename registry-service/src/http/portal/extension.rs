//! `/api/ext/v1`: what developers can do that Konnect's API has no words for.
//!
//! The same cookies and the same rules of origin as `/api/v2`; its document is our own.

mod account;
mod application;
mod credential;
mod registration;
mod session;

use aide::axum::routing::{delete, delete_with, get, post, post_with, put_with};
use aide::transform::TransformOperation;

use crate::http::openapi::Routes;
use crate::http::problem::Problem;

/// Returns the routes.
pub(super) fn routes() -> Routes {
    Routes::new()
        .api_route("/account", delete_with(account::remove, attempted))
        .api_route(
            "/account/password",
            put_with(account::change_password, attempted),
        )
        .api_route(
            "/account/email",
            put_with(account::ask_for_email, attempted),
        )
        .api_route(
            "/account/email/confirm",
            post_with(account::confirm_email, followed),
        )
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

/// Passwords are not tried out as often as somebody likes, and nobody is mailed as often.
fn attempted(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.response::<429, Problem>()
}

/// A link works once, for a while.
fn followed(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.response::<410, Problem>()
}
