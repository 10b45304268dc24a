//! `/api/ext/v1/account`: password, address, and leaving. Each asks for the password.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::NoContent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::accounts;
use crate::domain::password::Password;
use crate::domain::text::Email;
use crate::http::body::Body;
use crate::http::portal::developer;
use crate::http::portal::signed_in::Developer;
use crate::http::problem::Problem;
use crate::registry::Registry;

/// Two passwords, the old one to show who it is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Passwords {
    current_password: String,
    password: String,
}

/// An address that is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Address {
    email: Email,
    current_password: String,
}

/// What a mailed link carries.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Token {
    token: String,
}

/// The password, to show who it is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    current_password: String,
}

/// The address that is the developer's from now on.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Confirmed {
    email: Email,
}

/// Sets another password; every other log-in ends.
pub(super) async fn change_password(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Body(passwords): Body<Passwords>,
) -> Result<NoContent, Problem> {
    let old = Password::attempt(passwords.current_password);
    accounts::change_password(&registry, signed_in, (old, passwords.password)).await?;
    Ok(NoContent)
}

/// Mails a link to the address that is wanted; it is the developer's once that is followed.
pub(super) async fn ask_for_email(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Body(address): Body<Address>,
) -> Result<NoContent, Problem> {
    let password = Password::attempt(address.current_password);
    accounts::ask_for_email(&registry, signed_in, (address.email, password)).await?;
    Ok(NoContent)
}

/// Follows the mailed link.
pub(super) async fn confirm_email(
    State(registry): State<Arc<Registry>>,
    Body(Token { token }): Body<Token>,
) -> Result<Json<Confirmed>, Problem> {
    let email = accounts::confirm_email(&registry, developer::secret(&token)?).await?;
    Ok(Json(Confirmed { email }))
}

/// Removes the account with everything that hangs on it.
pub(super) async fn remove(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Body(proof): Body<Proof>,
) -> Result<NoContent, Problem> {
    let password = Password::attempt(proof.current_password);
    accounts::delete_account(&registry, signed_in, password).await?;
    Ok(NoContent)
}
