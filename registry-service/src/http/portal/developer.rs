//! `/api/v2/developer`: signing up, proving an address, setting a password, who is logged in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::AppendHeaders;
use serde::{Deserialize, Serialize};

use crate::accounts;
use crate::domain::client::Client;
use crate::domain::developer::Developer;
use crate::domain::id::DeveloperId;
use crate::domain::link::LinkSecret;
use crate::domain::text::{Email, Line};
use crate::domain::timestamp::Timestamp;
use crate::http::body::Body;
use crate::http::device;
use crate::http::portal::cookie::SetCookies;
use crate::http::portal::signed_in::Developer as LoggedIn;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::account;

/// Who signs up. Unlike other bodies it may hold more, which means nothing here.
#[derive(Debug, Deserialize)]
pub(super) struct SignUp {
    email: Email,
    full_name: Line<256>,
}

/// Whose password is forgotten.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forgotten {
    email: Email,
}

/// What a mailed link carries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Token {
    token: String,
}

/// A new password, and what allows to set it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    password: String,
    token: String,
}

/// The address that was proven, and what allows to set a password next.
#[derive(Serialize)]
pub(super) struct Verified {
    email: Email,
    token: String,
}

/// The developer on the wire.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    id: DeveloperId,
    email: Email,
    full_name: Line<256>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Signs a developer up.
pub(super) async fn sign_up(
    State(registry): State<Arc<Registry>>,
    client: Client,
    Body(SignUp { email, full_name }): Body<SignUp>,
) -> Result<StatusCode, Problem> {
    accounts::sign_up(&registry, (email, full_name), &client).await?;
    Ok(StatusCode::CREATED)
}

/// Shows the developer who is logged in.
pub(super) async fn me(
    State(registry): State<Arc<Registry>>,
    LoggedIn(signed_in): LoggedIn,
) -> Result<Json<Answer>, Problem> {
    let mut snapshot = registry.storage.read().await?;
    let account = account::lookup(&mut snapshot, signed_in.developer()).await?;
    let Developer {
        id,
        email,
        full_name,
        created_at,
        updated_at,
        ..
    } = account.ok_or_else(Problem::not_found)?.developer;
    Ok(Json(Answer {
        id,
        email,
        full_name,
        created_at,
        updated_at,
    }))
}

/// Proves an address.
pub(super) async fn verify_email(
    State(registry): State<Arc<Registry>>,
    Body(Token { token }): Body<Token>,
) -> Result<(StatusCode, Json<Verified>), Problem> {
    let verified = accounts::verify_email(&registry, secret(&token)?).await?;
    let answer = Verified {
        email: verified.email,
        token: verified.token.reveal(),
    };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// Mails a link that sets a new password, to an address that has an account.
pub(super) async fn forgot_password(
    State(registry): State<Arc<Registry>>,
    client: Client,
    Body(Forgotten { email }): Body<Forgotten>,
) -> Result<StatusCode, Problem> {
    accounts::forgot_password(&registry, &email, &client).await?;
    Ok(StatusCode::OK)
}

/// Sets a password.
pub(super) async fn reset_password(
    State(registry): State<Arc<Registry>>,
    Body(NewPassword { password, token }): Body<NewPassword>,
) -> Result<(StatusCode, SetCookies), Problem> {
    let device = accounts::reset_password(&registry, secret(&token)?, password).await?;
    let cookie = device::cookie(&registry.settings, &device);
    let cookies = AppendHeaders(cookie.into_iter().collect());
    Ok((StatusCode::NO_CONTENT, cookies))
}

pub(super) fn secret(token: &str) -> Result<LinkSecret, Problem> {
    token
        .parse()
        .map_err(|_| Problem::invalid_field("token", "is_uuid", "must be a UUID"))
}
