//! `/api/v2/developer/authenticate`, `/refresh` and `/logout`: cookies come and go.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::accounts::{self, AccountError, Attempt};
use crate::domain::client::Client;
use crate::domain::id::DeveloperId;
use crate::domain::password::Password;
use crate::domain::session::SessionKind;
use crate::domain::text::Email;
use crate::http::body::Body;
use crate::http::portal::cookie::{self, SetCookies};
use crate::http::problem::Problem;
use crate::registry::Registry;

/// Who logs in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    username: Email,
    password: String,
}

/// Logs a developer in.
pub(super) async fn authenticate(
    State(registry): State<Arc<Registry>>,
    client: Client,
    Body(Credentials { username, password }): Body<Credentials>,
) -> Result<(StatusCode, SetCookies), Problem> {
    let attempt = Attempt {
        email: username,
        password: Password::attempt(password),
        client,
    };
    let granted = accounts::log_in(&registry, attempt).await?;
    Ok((
        StatusCode::NO_CONTENT,
        cookie::granting(&registry, &granted),
    ))
}

/// Exchanges the refresh cookie for new cookies.
pub(super) async fn refresh(
    State(registry): State<Arc<Registry>>,
    headers: HeaderMap,
) -> Result<(StatusCode, SetCookies), Problem> {
    let secret = cookie::secret(&headers, SessionKind::Refresh).ok_or(AccountError::LoginOver)?;
    let granted = accounts::refresh(&registry, &secret).await?;
    Ok((
        StatusCode::NO_CONTENT,
        cookie::granting(&registry, &granted),
    ))
}

/// Logs whoever asks out. Front-ends also ask when nobody is logged in; that is no failure.
pub(super) async fn logout(
    State(registry): State<Arc<Registry>>,
    headers: HeaderMap,
) -> Result<(StatusCode, SetCookies), Problem> {
    for kind in [SessionKind::Access, SessionKind::Refresh] {
        if let Some(secret) = cookie::secret(&headers, kind) {
            accounts::log_out::<DeveloperId>(&registry, &secret, kind).await?;
        }
    }
    Ok((StatusCode::NO_CONTENT, cookie::forgetting(&registry)))
}
