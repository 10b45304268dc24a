//! The account: password, address, log-ins.

use serde::Serialize;

use crate::accounts::{self, AccountError};
use crate::domain::developer::Developer;
use crate::domain::id::LoginId;
use crate::domain::password::Password;
use crate::domain::session::{Login, SessionKind};
use crate::domain::text::Email;
use crate::domain::timestamp::Timestamp;
use crate::http::pages::portal::agent;
use crate::http::pages::portal::guest::Member;
use crate::http::pages::portal::log_in::refusal;
use crate::http::pages::portal::sign_up::Mailed;
use crate::http::pages::portal::welcome::done;
use crate::http::pages::{Draft, Form, PageResult};
use crate::http::path::Named;

const PAGE: &str = "portal/account.html";

/// What the forms of the page hold.
#[derive(Default)]
struct Forms {
    password: Option<Draft>,
    address: Option<Draft>,
}

#[derive(Serialize)]
struct Account<'a> {
    full_name: &'a str,
    email: &'a str,
    created_at: Timestamp,
    password: Draft,
    /// The new address: what is kept over a log-in.
    form: Draft,
    logins: Vec<Shown>,
}

/// A log-in as the page shows it.
#[derive(Serialize)]
struct Shown {
    id: LoginId,
    is_here: bool,
    is_api: bool,
    /// What logged in, in words, and as it called itself.
    agent: Option<(String, String)>,
    began_at: Timestamp,
    used_at: Timestamp,
}

/// Shows the account.
pub(super) async fn show(member: Member) -> PageResult {
    let page = account(&member, Forms::default()).await?;
    member.visit.show(PAGE, page)
}

/// Sets another password; every other log-in ends.
pub(super) async fn change_password(member: Member, form: Form) -> PageResult {
    let visit = &member.visit;
    let old = Password::attempt(form.text("old_password"));
    let new = form.text("new_password").to_owned();
    let changed = accounts::change_password(&visit.registry, member.signed_in, (old, new));
    let mut draft = Draft::blank(&["old_password", "new_password"]);
    match changed.await {
        Ok(()) => {
            let text = "Your password is changed, and every other log-in is over.";
            return Ok(done(visit, "/account", text));
        }
        Err(AccountError::InvalidPassword(reason)) => draft.refuse("new_password", reason),
        Err(error @ (AccountError::WrongPassword | AccountError::TooManyTries(_))) => {
            draft.refuse("old_password", refusal(&error));
        }
        Err(error) => return Err(error.into()),
    }
    let forms = Forms {
        password: Some(draft),
        ..Forms::default()
    };
    visit.refuse(PAGE, account(&member, forms).await?)
}

/// Asks for another address; it is the developer's once the link sent there was followed.
pub(super) async fn change_email(member: Member, form: Form) -> PageResult {
    let visit = &member.visit;
    let mut draft = Draft::of(&form, &["email"]).with("password", "");
    if let Some(email) = draft.parse::<Email>("email") {
        let password = Password::attempt(form.text("password"));
        let wanted = (email.clone(), password);
        match accounts::ask_for_email(&visit.registry, member.signed_in, wanted).await {
            Ok(()) => {
                let mailed = Mailed {
                    email: &email,
                    purpose: "makes it the address of your account",
                };
                return visit.show("portal/mailed.html", mailed);
            }
            Err(error @ (AccountError::WrongPassword | AccountError::TooManyTries(_))) => {
                draft.refuse("password", refusal(&error));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let forms = Forms {
        address: Some(draft),
        ..Forms::default()
    };
    visit.refuse(PAGE, account(&member, forms).await?)
}

/// Ends a log-in.
pub(super) async fn end_login(member: Member, Named(login): Named<LoginId>, _: Form) -> PageResult {
    let visit = &member.visit;
    accounts::end_login(&visit.registry, member.signed_in, login).await?;
    Ok(done(visit, "/account", "That log-in is over."))
}

/// Ends every log-in but this.
pub(super) async fn end_others(member: Member, _: Form) -> PageResult {
    let visit = &member.visit;
    accounts::end_other_logins(&visit.registry, member.signed_in).await?;
    Ok(done(visit, "/account", "Every other log-in is over."))
}

async fn account(member: &Member, forms: Forms) -> Result<Account<'_>, AccountError> {
    let logins = accounts::logins(&member.visit.registry, member.signed_in).await?;
    let here = member.signed_in.login();
    let Developer {
        full_name,
        email,
        created_at,
        ..
    } = &member.developer;
    let password = || Draft::blank(&["old_password", "new_password"]);
    let address = || Draft::blank(&["email", "password"]);
    Ok(Account {
        full_name: full_name.as_str(),
        email: email.as_str(),
        created_at: *created_at,
        password: forms.password.unwrap_or_else(password),
        form: forms.address.unwrap_or_else(address),
        logins: logins.into_iter().map(|login| shown(login, here)).collect(),
    })
}

fn shown(login: Login, here: LoginId) -> Shown {
    Shown {
        is_here: login.id == here,
        is_api: login.kind != SessionKind::Page,
        id: login.id,
        agent: login
            .agent
            .map(|called| (agent::named(called.as_str()), called.to_string())),
        began_at: login.began_at,
        used_at: login.used_at,
    }
}
