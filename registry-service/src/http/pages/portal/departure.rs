//! Leaving: the account and everything in it.

use serde::Serialize;

use crate::accounts::{self, AccountError};
use crate::domain::password::Password;
use crate::http::pages::portal::guest::Member;
use crate::http::pages::portal::log_in::refusal;
use crate::http::pages::portal::welcome::done;
use crate::http::pages::{Draft, Form, PageResult};

const PAGE: &str = "portal/delete_account.html";

#[derive(Serialize)]
struct Asked {
    form: Draft,
}

/// Asks once more.
pub(super) async fn ask(member: Member) -> PageResult {
    let form = Draft::blank(&["password"]);
    member.visit.show(PAGE, Asked { form })
}

/// Removes the account.
pub(super) async fn go(member: Member, form: Form) -> PageResult {
    let visit = &member.visit;
    let password = Password::attempt(form.text("password"));
    match accounts::delete_account(&visit.registry, member.signed_in, password).await {
        Ok(()) => {
            let text = "Your account is deleted, with its applications and their keys.";
            Ok(visit.logging_out(done(visit, "/login", text)))
        }
        Err(error @ (AccountError::WrongPassword | AccountError::TooManyTries(_))) => {
            let mut form = Draft::blank(&["password"]);
            form.refuse("password", refusal(&error));
            visit.refuse(PAGE, Asked { form })
        }
        Err(error) => Err(error.into()),
    }
}
