//! Developers' pages: from sign-up to a working key.
//!
//! Read in this order: [`guest`] is who looks; [`sign_up`], [`log_in`] and [`password`] are how they
//! come in, [`account`] what they settle; [`catalog`], [`product`] and [`version`] what there is to
//! see, [`register`] how an application asks for it; [`applications`], [`registrations`],
//! [`credentials`] and [`guide`] how it gets to its key, [`usage`] what it did with that.

mod account;
mod address;
mod agent;
mod applications;
mod catalog;
mod credentials;
mod departure;
mod documents;
mod guest;
mod guide;
mod live;
mod log_in;
mod operation;
mod own;
mod password;
mod product;
mod register;
mod registrations;
mod rotation;
mod sign_up;
mod usage;
mod version;
mod welcome;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::registry::Registry;

/// Returns the routes. They are written out: below a nested router a request's address is only the
/// rest of the path, and pages lead back to where they are.
pub(in crate::http) fn routes() -> Router<Arc<Registry>> {
    Router::new()
        .merge(entrance())
        .merge(account_routes())
        .merge(product_routes())
        .merge(application_routes())
        .merge(one_application())
        .route("/live", get(live::show))
}

fn entrance() -> Router<Arc<Registry>> {
    Router::new()
        .route("/sign-up", get(sign_up::show).post(sign_up::send))
        .route("/login", get(log_in::show).post(log_in::send))
        .route("/logout", post(log_in::end))
        .route("/welcome", post(welcome::send))
        .route(
            "/confirm-password",
            get(log_in::ask_again).post(log_in::send_again),
        )
        .route(
            "/forgot-password",
            get(password::show_forgotten).post(password::send_forgotten),
        )
        .route(
            "/reset-password",
            get(password::show_new).post(password::send_new),
        )
        .route("/confirm-email", get(address::show).post(address::send))
}

fn account_routes() -> Router<Arc<Registry>> {
    Router::new()
        .route("/account", get(account::show))
        .route("/account/password", post(account::change_password))
        .route("/account/email", post(account::change_email))
        .route("/account/logins/{login}/end", post(account::end_login))
        .route("/account/logins/end-others", post(account::end_others))
        .route("/account/delete", get(departure::ask).post(departure::go))
}

fn product_routes() -> Router<Arc<Registry>> {
    Router::new()
        .route("/", get(catalog::show))
        .route("/products/{product}", get(product::show))
        .route(
            "/products/{product}/documents/{document}",
            get(documents::show),
        )
        .route("/products/{product}/versions/{version}", get(version::show))
        .route(
            "/products/{product}/versions/{version}/spec",
            get(version::download),
        )
        .route(
            "/products/{product}/versions/{version}/register",
            get(register::show).post(register::send),
        )
}

fn application_routes() -> Router<Arc<Registry>> {
    Router::new()
        .route("/applications", get(applications::list))
        .route(
            "/applications/new",
            get(applications::show_new).post(applications::send_new),
        )
}

fn one_application() -> Router<Arc<Registry>> {
    Router::new()
        .route("/applications/{application}", get(own::show))
        .route(
            "/applications/{application}/edit",
            get(own::show_edit).post(own::send_edit),
        )
        .route(
            "/applications/{application}/delete",
            get(own::ask_delete).post(own::delete),
        )
        .route(
            "/applications/{application}/registrations/{registration}",
            get(guide::show),
        )
        .route(
            "/applications/{application}/registrations/{registration}/withdraw",
            get(registrations::ask_withdraw).post(registrations::withdraw),
        )
        .route(
            "/applications/{application}/credentials/new",
            get(credentials::show_new).post(credentials::issue),
        )
        .route(
            "/applications/{application}/credentials/{credential}/rotate",
            get(rotation::show).post(rotation::send),
        )
        .route(
            "/applications/{application}/credentials/{credential}/delete",
            get(credentials::ask_delete).post(credentials::delete),
        )
}
