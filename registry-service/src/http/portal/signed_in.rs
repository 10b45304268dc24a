//! Who asks: a developer who is logged in, or whoever the portal is open to.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::domain::session::{SessionKind, SignedIn};
use crate::http::portal::cookie;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::catalogue::{CatalogueError, Visitor};

/// The developer whose access cookie a request carries.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Developer(pub(super) SignedIn);

/// Someone who may look at the catalogue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guest(pub(super) Visitor);

// === impl Developer ===

impl FromRequestParts<Arc<Registry>> for Developer {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        registry: &Arc<Registry>,
    ) -> Result<Self, Problem> {
        match signed_in(&parts.headers, registry).await? {
            Some(signed_in) => Ok(Self(signed_in)),
            None => Err(CatalogueError::LoginNeeded.into()),
        }
    }
}

// === impl Guest ===

impl FromRequestParts<Arc<Registry>> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        registry: &Arc<Registry>,
    ) -> Result<Self, Problem> {
        let signed_in = signed_in(&parts.headers, registry).await?;
        Ok(Self(Visitor::admit(registry, signed_in).await?))
    }
}

async fn signed_in(headers: &HeaderMap, registry: &Registry) -> Result<Option<SignedIn>, Problem> {
    let kind = SessionKind::Access;
    let Some(secret) = cookie::secret(headers, kind) else {
        return Ok(None);
    };
    let now = registry.clock.now();
    let found = registry
        .storage
        .find_live_session(secret.digest(), kind, now);
    Ok(found.await?.and_then(|session| session.signed_in(now)))
}
