//! The link that proves another address of a developer.

use axum::extract::Query;
use serde::{Deserialize, Serialize};

use crate::accounts::{self, AccountError};
use crate::domain::link::LinkSecret;
use crate::http::pages::portal::guest::Guest;
use crate::http::pages::portal::welcome::{done, link_gone};
use crate::http::pages::{Form, PageResult};

/// What the link carries.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Linked {
    token: String,
}

#[derive(Serialize)]
struct Asked {
    token: String,
}

/// Asks whether the address is to be the developer's: following a link changes nothing.
pub(super) async fn show(guest: Guest, Query(Linked { token }): Query<Linked>) -> PageResult {
    guest
        .visit
        .show("portal/confirm_email.html", Asked { token })
}

/// Makes the address the developer's.
pub(super) async fn send(guest: Guest, form: Form) -> PageResult {
    let visit = &guest.visit;
    let Ok(secret) = form.text("token").parse::<LinkSecret>() else {
        return link_gone(visit);
    };
    match accounts::confirm_email(&visit.registry, secret).await {
        Ok(email) => {
            let text = format!("Your address is {email} from now on.");
            Ok(done(visit, "/account", &text))
        }
        Err(AccountError::UnknownLink | AccountError::LinkGone(_)) => link_gone(visit),
        Err(error) => Err(error.into()),
    }
}
