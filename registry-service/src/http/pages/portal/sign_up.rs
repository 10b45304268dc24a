//! Signing up: a name and an address; the mailed link does the rest.

use serde::Serialize;

use crate::accounts::{self, AccountError};
use crate::domain::client::Client;
use crate::domain::text::{Email, Line};
use crate::http::pages::portal::guest::Guest;
use crate::http::pages::{Draft, Form, PageResult};
use crate::http::problem::Problem;

const PAGE: &str = "portal/sign_up.html";
const FIELDS: [&str; 2] = ["full_name", "email"];

#[derive(Serialize)]
struct SignUp {
    form: Draft,
    approves_itself: bool,
}

/// What was mailed, as the page that follows says.
#[derive(Serialize)]
pub(super) struct Mailed<'a> {
    pub(super) email: &'a Email,
    pub(super) purpose: &'static str,
}

/// Shows the form.
pub(super) async fn show(guest: Guest) -> PageResult {
    if guest.signed_in.is_some() || guest.portal.is_public {
        return Ok(guest.visit.go("/"));
    }
    let page = SignUp {
        form: Draft::blank(&FIELDS),
        approves_itself: guest.portal.auto_approve_developers,
    };
    guest.visit.show(PAGE, page)
}

/// Signs up.
pub(super) async fn send(guest: Guest, client: Client, form: Form) -> PageResult {
    if guest.portal.is_public {
        return Err(Problem::forbidden("a public portal has no accounts").into());
    }
    let mut form = Draft::of(&form, &FIELDS);
    let full_name = form.parse::<Line<256>>("full_name");
    let email = form.parse::<Email>("email");
    if let (Some(full_name), Some(email)) = (full_name, email) {
        let who = (email.clone(), full_name);
        match accounts::sign_up(&guest.visit.registry, who, &client).await {
            Ok(()) => {
                let mailed = Mailed {
                    email: &email,
                    purpose: "confirms your address and lets you choose a password",
                };
                return guest.visit.show("portal/mailed.html", mailed);
            }
            Err(error @ AccountError::TooManyTries(_)) => form.refuse("email", error),
            Err(error) => return Err(error.into()),
        }
    }
    let page = SignUp {
        form,
        approves_itself: guest.portal.auto_approve_developers,
    };
    guest.visit.refuse(PAGE, page)
}
