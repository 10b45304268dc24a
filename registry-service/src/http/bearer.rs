//! Who may ask: access tokens in the `authorization` header (RFC 6750, section 2.1).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use keystile_protocol::key::{self, ApiKey};

use crate::domain::access::{Administrator, Role, Scope, TOKEN_PREFIX, Token};
use crate::http::problem::Problem;
use crate::registry::Registry;

/// Lets requests in that may follow the gateways' feed.
pub(super) async fn for_gateways(
    State(registry): State<Arc<Registry>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    admit(&registry, Scope::Gateway, request, next).await
}

/// Lets requests in that may read, or change everything if they are not reading.
pub(super) async fn for_administrators(
    State(registry): State<Arc<Registry>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let scope = match *request.method() {
        Method::GET | Method::HEAD => Scope::Read,
        _ => Scope::Admin,
    };
    admit(&registry, scope, request, next).await
}

/// Lets requests in that may read, or decide about people and registrations.
pub(super) async fn for_approvers(
    State(registry): State<Arc<Registry>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let scope = match *request.method() {
        Method::GET | Method::HEAD => Scope::Read,
        Method::PATCH => Scope::Approve,
        _ => Scope::Admin,
    };
    admit(&registry, scope, request, next).await
}

async fn admit(
    registry: &Registry,
    scope: Scope,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (token, role) = authenticate(registry, request.headers()).await?;
    if !token.permits(scope, registry.clock.now()) {
        return Err(Problem::forbidden(format!(
            "the token does not have the scope `{scope}`"
        )));
    }
    let administrator = Administrator::with_token(&token, role);
    request.extensions_mut().insert(administrator);
    Ok(next.run(request).await)
}

async fn authenticate(registry: &Registry, headers: &HeaderMap) -> Result<(Token, Role), Problem> {
    let refused = || Problem::unauthenticated("this needs an access token");
    let secret = secret(headers).ok_or_else(refused)?;
    let digest = ApiKey::new(secret).digest();
    let token = registry.storage.find_token(digest).await?;
    token
        .filter(|(token, _)| token.is_live(registry.clock.now()))
        .ok_or_else(refused)
}

/// Borrows the token of a request that has exactly one, in the form of those issued here.
fn secret(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, secret) = value.as_bytes().split_at_checked(7)?;
    let is_token =
        scheme.eq_ignore_ascii_case(b"bearer ") && key::is_well_formed(TOKEN_PREFIX, secret);
    is_token.then_some(secret)
}
