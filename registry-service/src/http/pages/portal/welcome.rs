//! The link that proves an address: it asks for a password and logs its developer in.
//!
//! Following it changes nothing, as mail scanners follow links too; sending the form does.

use axum::response::Response;
use serde::Serialize;

use crate::accounts::{self, AccountError, Attempt};
use crate::domain::client::Client;
use crate::domain::link::LinkSecret;
use crate::domain::password::Password;
use crate::domain::text::Email;
use crate::http::pages::portal::guest::Guest;
use crate::http::pages::portal::log_in::{self, remembered};
use crate::http::pages::{Draft, Form, PageResult, Visit};

const PAGE: &str = "portal/welcome.html";

#[derive(Serialize)]
struct Welcome {
    form: Draft,
}

/// Shows the form that a mailed link leads to.
pub(super) fn show(visit: &Visit, token: &str) -> PageResult {
    let form = Draft::blank(&["password"]).with("token", token);
    visit.show(PAGE, Welcome { form })
}

/// Proves the address, sets the password and logs in.
pub(super) async fn send(guest: Guest, client: Client, form: Form) -> PageResult {
    let visit = &guest.visit;
    let mut draft = Draft::of(&form, &["token"]).with("password", "");
    let text = form.text("password").to_owned();
    // Judged first: a password that cannot be chosen must not use the link up.
    if let Err(error) = Password::choose(text.clone()) {
        draft.refuse("password", error);
        return visit.refuse(PAGE, Welcome { form: draft });
    }
    let Ok(secret) = draft.text("token").parse::<LinkSecret>() else {
        return link_gone(visit);
    };
    let verified = match accounts::verify_email(&visit.registry, secret).await {
        Ok(verified) => verified,
        Err(AccountError::UnknownLink | AccountError::LinkGone(_)) => return link_gone(visit),
        Err(error) => return Err(error.into()),
    };
    let device = accounts::reset_password(&visit.registry, verified.token, text.clone()).await?;
    let client = Client {
        device: Some(device),
        ..client
    };
    enter(visit, (verified.email, text), client).await
}

/// Logs in somebody who has just set a password, if they are approved.
async fn enter(visit: &Visit, (email, password): (Email, String), client: Client) -> PageResult {
    let attempt = Attempt {
        email,
        password: Password::attempt(password),
        client,
    };
    match accounts::log_in_on_page(&visit.registry, attempt).await {
        Ok(login) => {
            let response = visit.logging_in(visit.go("/"), &login.secret);
            Ok(remembered(visit, response, &login))
        }
        Err(AccountError::Disabled) => log_in::waiting(visit),
        Err(error) => Err(error.into()),
    }
}

/// Says that a link is used up, and how to get another.
pub(super) fn link_gone(visit: &Visit) -> PageResult {
    let status = axum::http::StatusCode::GONE;
    visit.show_as(status, "portal/link_gone.html", ())
}

/// Leads on, and says what was done.
pub(super) fn done(visit: &Visit, to: &str, text: &str) -> Response {
    visit.go_with(to, &crate::http::pages::Flash::success(text))
}
