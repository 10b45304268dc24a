//! Logging in and out, and giving the password once more before a secret is made.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::accounts::{self, AccountError, Attempt, PageLogin};
use crate::domain::client::{Client, DeviceSecret};
use crate::domain::id::DeveloperId;
use crate::domain::password::Password;
use crate::domain::session::SessionKind;
use crate::domain::text::Email;
use crate::http::device;
use crate::http::pages::kept::Kept;
use crate::http::pages::portal::guest::{Guest, Member};
use crate::http::pages::portal::welcome;
use crate::http::pages::{Draft, Flash, Form, PageResult, ReturnTo, Visit};

const PAGE: &str = "portal/log_in.html";
const AGAIN: &str = "portal/confirm_password.html";

/// What the log-in's address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    token: String,
    return_to: String,
}

#[derive(Serialize)]
struct LogIn {
    form: Draft,
    /// What was typed before.
    kept: Kept,
}

// === impl LogIn ===

impl LogIn {
    fn new(form: Draft) -> Self {
        let kept = Kept::default();
        Self { form, kept }
    }

    /// Shows a form again that was sent.
    fn again(draft: Draft, sent: &Form) -> Self {
        let kept = Kept::carried(sent);
        Self { form: draft, kept }
    }
}

/// Shows the form; with the token of a mailed link, the one that asks for a first password.
pub(super) async fn show(guest: Guest, Query(asked): Query<Asked>) -> PageResult {
    if guest.portal.is_public {
        return Ok(guest.visit.go("/"));
    }
    if !asked.token.is_empty() {
        return welcome::show(&guest.visit, &asked.token);
    }
    let return_to = ReturnTo::parse(&asked.return_to);
    if guest.signed_in.is_some() {
        return Ok(guest.visit.go(return_to.as_str()));
    }
    let form = Draft::blank(&["email", "password"]).with("return_to", return_to.as_str());
    guest.visit.show(PAGE, LogIn::new(form))
}

/// Logs in.
pub(super) async fn send(guest: Guest, client: Client, form: Form) -> PageResult {
    let visit = &guest.visit;
    let mut draft = Draft::of(&form, &["email", "return_to"]).with("password", "");
    let Some(email) = draft.parse::<Email>("email") else {
        return visit.refuse(PAGE, LogIn::again(draft, &form));
    };
    let attempt = Attempt {
        email,
        password: Password::attempt(form.text("password")),
        client,
    };
    match accounts::log_in_on_page(&visit.registry, attempt).await {
        Ok(login) => go_on(visit, &login, &form).await,
        Err(AccountError::Disabled) => waiting(visit),
        Err(error @ (AccountError::WrongPassword | AccountError::TooManyTries(_))) => {
            draft.refuse("password", &error);
            visit.refuse(PAGE, LogIn::again(draft, &form))
        }
        Err(error) => Err(error.into()),
    }
}

/// Logs out.
pub(super) async fn end(visit: Visit, _: Form) -> PageResult {
    if let Some(secret) = visit.session() {
        accounts::log_out::<DeveloperId>(&visit.registry, secret, SessionKind::Page).await?;
    }
    let flash = Flash::success("You are logged out.");
    Ok(visit.logging_out(visit.go_with("/login", &flash)))
}

/// Asks for the password of somebody who is logged in.
pub(super) async fn ask_again(member: Member, Query(asked): Query<Asked>) -> PageResult {
    let return_to = ReturnTo::parse(&asked.return_to);
    let form = Draft::blank(&["password"]).with("return_to", return_to.as_str());
    member.visit.show(AGAIN, LogIn::new(form))
}

/// Takes the password of somebody who is logged in.
pub(super) async fn send_again(member: Member, form: Form) -> PageResult {
    let visit = &member.visit;
    let mut draft = Draft::of(&form, &["return_to"]).with("password", "");
    let password = Password::attempt(form.text("password"));
    let secret = visit.session().ok_or(AccountError::LoginOver)?;
    match accounts::authenticate_again(&visit.registry, secret, password).await {
        Ok(login) => go_on(visit, &login, &form).await,
        Err(error @ (AccountError::WrongPassword | AccountError::TooManyTries(_))) => {
            draft.refuse("password", refusal(&error));
            visit.refuse(AGAIN, LogIn::again(draft, &form))
        }
        Err(error) => Err(error.into()),
    }
}

/// Leads on from the form of a password that was right.
async fn go_on(visit: &Visit, login: &PageLogin, form: &Form) -> PageResult {
    let response = visit.go_on(&login.secret, form).await?;
    Ok(remembered(visit, response, login))
}

/// Lets a browser that has logged in show at the next log-in that it is no stranger.
pub(super) fn remembered(visit: &Visit, response: Response, login: &PageLogin) -> Response {
    match &login.device {
        Some(secret) => remembering(visit, response, secret),
        None => response,
    }
}

/// Lets a browser show at its next log-in that it is no stranger.
pub(super) fn remembering(
    visit: &Visit,
    mut response: Response,
    secret: &DeviceSecret,
) -> Response {
    if let Some((name, value)) = device::cookie(visit.settings(), secret) {
        response.headers_mut().append(name, value);
    }
    response
}

/// Tells somebody who knows the password that an administrator comes first.
pub(super) fn waiting(visit: &Visit) -> PageResult {
    visit.show_as(StatusCode::FORBIDDEN, "portal/waiting.html", ())
}

/// Says why the password of somebody who is logged in is refused.
pub(super) fn refusal(error: &AccountError) -> String {
    match error {
        AccountError::WrongPassword => "is not your password".to_owned(),
        error => error.to_string(),
    }
}
