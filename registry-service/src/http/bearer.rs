//! Who may ask: access tokens in the `authorization` header (RFC 6750, section 2.1), and gateways'
//! certificates.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use keystile_protocol::key::{self, ApiKey};

use crate::administration::Acting;
use crate::domain::access::{Administrator, Duty, Role, Scope, TOKEN_PREFIX, Token};
use crate::http::problem::Problem;
use crate::registry::Registry;

/// What is behind some routes, and so what it takes to come in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Door {
    /// What is offered, and what hangs on it.
    Managed,
    /// Who is approved.
    Decided,
    /// Who administers, and how.
    Owned,
    /// What even looking at is for those who may change it.
    Confidential,
}

/// The client showed a certificate of an authority that lets gateways in; only the gateways' listener
/// asks for any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Certified;

/// Lets requests in that may follow the gateways' feed: with a certificate, or with a token.
pub(super) async fn for_gateways(
    State(registry): State<Arc<Registry>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if request.extensions().get::<Certified>().is_some() {
        return Ok(next.run(request).await);
    }
    admit(&registry, Scope::Gateway, request, next).await
}

/// Lets requests in whose administrator may do what the door's duty asks for their method.
pub(super) async fn for_administrators(
    State((registry, door)): State<(Arc<Registry>, Door)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (token, role) = authenticate(&registry, request.headers()).await?;
    let by = Administrator::with_token(&token, role);
    let acting = Acting::new(registry, by.clone());
    // The operation asks again: a door only spares whoever is refused the reading of a body.
    acting.require(door.duty(request.method()))?;
    request.extensions_mut().insert(by);
    Ok(next.run(request).await)
}

// === impl Door ===

impl Door {
    fn duty(self, method: &Method) -> Duty {
        let is_looking = matches!(*method, Method::GET | Method::HEAD);
        match self {
            Self::Confidential => Duty::Manage,
            _ if is_looking => Duty::Look,
            Self::Decided if *method != Method::DELETE => Duty::Decide,
            Self::Decided | Self::Managed => Duty::Manage,
            Self::Owned => Duty::Own,
        }
    }
}

async fn admit(
    registry: &Registry,
    scope: Scope,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (token, _) = authenticate(registry, request.headers()).await?;
    if !token.permits(scope, registry.clock.now()) {
        return Err(Problem::forbidden(format!(
            "the token does not have the scope `{scope}`"
        )));
    }
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
