//! A forgotten password, and a new one.

use axum::extract::Query;
use serde::{Deserialize, Serialize};

use crate::accounts::{self, AccountError};
use crate::domain::client::Client;
use crate::domain::link::LinkSecret;
use crate::domain::text::Email;
use crate::http::pages::portal::guest::Guest;
use crate::http::pages::portal::log_in::remembering;
use crate::http::pages::portal::sign_up::Mailed;
use crate::http::pages::portal::welcome::{done, link_gone};
use crate::http::pages::{Draft, Form, PageResult};

const FORGOTTEN: &str = "portal/forgot_password.html";
const NEW: &str = "portal/reset_password.html";

/// What a mailed link carries.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Linked {
    token: String,
}

#[derive(Serialize)]
struct Asked {
    form: Draft,
}

/// Asks for the address.
pub(super) async fn show_forgotten(guest: Guest) -> PageResult {
    let form = Draft::blank(&["email"]);
    guest.visit.show(FORGOTTEN, Asked { form })
}

/// Mails the link; nobody learns whether the address has an account.
pub(super) async fn send_forgotten(guest: Guest, client: Client, form: Form) -> PageResult {
    let mut form = Draft::of(&form, &["email"]);
    let visit = &guest.visit;
    if let Some(email) = form.parse::<Email>("email") {
        match accounts::forgot_password(&visit.registry, &email, &client).await {
            Ok(()) => {
                let mailed = Mailed {
                    email: &email,
                    purpose: "sets a new password, if the address has an account here",
                };
                return visit.show("portal/mailed.html", mailed);
            }
            Err(error @ AccountError::TooManyTries(_)) => form.refuse("email", error),
            Err(error) => return Err(error.into()),
        }
    }
    visit.refuse(FORGOTTEN, Asked { form })
}

/// Asks for the new password.
pub(super) async fn show_new(guest: Guest, Query(linked): Query<Linked>) -> PageResult {
    let form = Draft::blank(&["password"]).with("token", linked.token);
    guest.visit.show(NEW, Asked { form })
}

/// Sets the new password; every log-in ends.
pub(super) async fn send_new(guest: Guest, form: Form) -> PageResult {
    let visit = &guest.visit;
    let mut draft = Draft::of(&form, &["token"]).with("password", "");
    let Ok(secret) = draft.text("token").parse::<LinkSecret>() else {
        return link_gone(visit);
    };
    let password = form.text("password").to_owned();
    match accounts::reset_password(&visit.registry, secret, password).await {
        Ok(device) => {
            let answer = done(visit, "/login", "Your new password is set. Log in with it.");
            Ok(remembering(visit, visit.logging_out(answer), &device))
        }
        Err(AccountError::InvalidPassword(reason)) => {
            draft.refuse("password", reason);
            visit.refuse(NEW, Asked { form: draft })
        }
        Err(AccountError::UnknownLink | AccountError::LinkGone(_)) => link_gone(visit),
        Err(error) => Err(error.into()),
    }
}
