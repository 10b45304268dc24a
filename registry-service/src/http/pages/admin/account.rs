//! Administrators' accounts: the first password, logging in and out, and the password once more before
//! a secret is made.

use axum::extract::Query;
use serde::Deserialize;
use serde_json::json;

use crate::accounts::administrator::{self, Login};
use crate::accounts::{AccountError, Attempt};
use crate::domain::client::Client;
use crate::domain::link::LinkSecret;
use crate::domain::password::Password;
use crate::domain::text::Email;
use crate::http::device;
use crate::http::pages::admin::desk::Desk;
use crate::http::pages::kept::Kept;
use crate::http::pages::{Draft, Flash, Form, PageError, PageResult, ReturnTo, Visit};

const LOG_IN: &str = "admin/login.html";
const WELCOME: &str = "admin/welcome.html";
const AGAIN: &str = "admin/password.html";

/// What an address of these pages says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    token: String,
    return_to: String,
}

/// Asks whoever has a one-time link for a first password.
pub(super) async fn welcome(visit: Visit, Query(asked): Query<Asked>) -> PageResult {
    administrator::welcome(&visit.registry, secret(&asked.token)?).await?;
    let form = Draft::blank(&["password"]).with("token", &asked.token);
    visit.show(WELCOME, json!({"form": form}))
}

/// Sets the password of whoever has a one-time link.
pub(super) async fn set_password(visit: Visit, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &["token"]).with("password", "");
    let secret = secret(draft.text("token"))?;
    let password = form.text("password").to_owned();
    match administrator::set_password(&visit.registry, secret, password).await {
        Ok(_) => {
            let flash = Flash::success("Your password is set. Log in with it.");
            Ok(visit.go_with("/login", &flash))
        }
        Err(AccountError::InvalidPassword(reason)) => {
            draft.refuse("password", reason);
            visit.refuse(WELCOME, json!({"form": draft}))
        }
        Err(error) => Err(error.into()),
    }
}

/// Shows the log-in.
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> PageResult {
    let return_to = ReturnTo::parse(&asked.return_to);
    if let Some(secret) = visit.session()
        && administrator::visit(&visit.registry, secret)
            .await?
            .is_some()
    {
        return Ok(visit.go(return_to.as_str()));
    }
    let form = Draft::blank(&["email", "password"]).with("return_to", return_to.as_str());
    visit.show(LOG_IN, json!({"form": form, "kept": Kept::default()}))
}

/// Logs in.
pub(super) async fn log_in(visit: Visit, client: Client, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &["email", "return_to"]).with("password", "");
    if let Some(email) = draft.parse::<Email>("email") {
        let attempt = Attempt {
            email,
            password: Password::attempt(form.text("password")),
            client,
        };
        match administrator::log_in(&visit.registry, attempt).await {
            Ok(login) => return logged_in(&visit, &login, &form).await,
            Err(error) => refused(&mut draft, error)?,
        }
    }
    visit.refuse(LOG_IN, json!({"form": draft, "kept": Kept::carried(&form)}))
}

/// Logs out.
pub(super) async fn log_out(visit: Visit, _: Form) -> PageResult {
    if let Some(secret) = visit.session() {
        administrator::log_out(&visit.registry, secret).await?;
    }
    let flash = Flash::success("You are logged out.");
    Ok(visit.logging_out(visit.go_with("/login", &flash)))
}

/// Asks for the password of somebody who is logged in.
pub(super) async fn ask_again(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let return_to = ReturnTo::parse(&asked.return_to);
    let form = Draft::blank(&["password"]).with("return_to", return_to.as_str());
    desk.show(AGAIN, json!({"form": form, "kept": Kept::default()}))
}

/// Takes the password of somebody who is logged in.
pub(super) async fn log_in_again(desk: Desk, form: Form) -> PageResult {
    let visit = &desk.visit;
    let mut draft = Draft::of(&form, &["return_to"]).with("password", "");
    let password = Password::attempt(form.text("password"));
    let secret = visit.session().ok_or(AccountError::LoginOver)?;
    match administrator::authenticate_again(&visit.registry, secret, password).await {
        Ok(login) => logged_in(visit, &login, &form).await,
        Err(error) => {
            refused(&mut draft, error)?;
            desk.refuse(AGAIN, json!({"form": draft, "kept": Kept::carried(&form)}))
        }
    }
}

/// Hands a log-in to the browser and leads on from the form of its password.
async fn logged_in(visit: &Visit, login: &Login, form: &Form) -> PageResult {
    let mut response = visit.go_on(&login.secret, form).await?;
    let device = login.device.as_ref();
    if let Some((name, value)) = device.and_then(|secret| device::cookie(visit.settings(), secret))
    {
        response.headers_mut().append(name, value);
    }
    Ok(response)
}

/// Notes at the password what is wrong with a log-in.
fn refused(draft: &mut Draft, error: AccountError) -> Result<(), PageError> {
    match error {
        AccountError::WrongPassword | AccountError::TooManyTries(_) => {
            draft.refuse("password", error);
            Ok(())
        }
        error => Err(error.into()),
    }
}

fn secret(token: &str) -> Result<LinkSecret, AccountError> {
    token.parse().map_err(|_| AccountError::UnknownLink)
}
