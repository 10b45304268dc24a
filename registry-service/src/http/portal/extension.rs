//! `/api/ext/v1`: what developers can do that Konnect's API has no words for.
//!
//! The same cookies and the same rules of origin as `/api/v2`; its document is our own.

mod account;
mod application;
mod credential;
mod registration;
mod session;

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post, put};

use crate::registry::Registry;

/// Returns the routes.
pub(super) fn routes() -> Router<Arc<Registry>> {
    Router::new()
        .route("/account", delete(account::remove))
        .route("/account/password", put(account::change_password))
        .route("/account/email", put(account::ask_for_email))
        .route("/account/email/confirm", post(account::confirm_email))
        .route("/sessions", get(session::list).delete(session::end_others))
        .route("/sessions/{session}", delete(session::end))
        .route("/applications", post(application::add))
        .route(
            "/applications/{application}/registrations",
            get(registration::list).post(registration::ask),
        )
        .route(
            "/applications/{application}/credentials",
            get(credential::list).post(credential::issue),
        )
        .route(
            "/applications/{application}/credentials/{credential}/rotate",
            post(credential::rotate),
        )
}
