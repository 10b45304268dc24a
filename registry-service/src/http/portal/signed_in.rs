//! Who asks: a developer who is logged in, or whoever the portal is open to.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::domain::access::Actor;
use crate::domain::id::DeveloperId;
use crate::domain::session::{Session, SessionKind};
use crate::http::portal::cookie;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::portal;

/// A developer who is logged in and approved.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignedIn {
    /// Who.
    pub(super) developer: DeveloperId,
}

/// Someone who may look at the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visitor {
    /// A developer who is logged in and approved.
    Developer,
    /// Anyone; the portal is public.
    Anonymous,
}

// === impl SignedIn ===

impl SignedIn {
    /// Returns in whose name changes are made.
    pub(super) fn actor(self) -> Actor {
        Actor::Developer(self.developer)
    }
}

impl FromRequestParts<Arc<Registry>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        registry: &Arc<Registry>,
    ) -> Result<Self, Problem> {
        let session = session(&parts.headers, registry).await?;
        let Session { developer, .. } = session.ok_or_else(refused)?;
        Ok(Self { developer })
    }
}

// === impl Visitor ===

impl FromRequestParts<Arc<Registry>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        registry: &Arc<Registry>,
    ) -> Result<Self, Problem> {
        if session(&parts.headers, registry).await?.is_some() {
            return Ok(Self::Developer);
        }
        let mut snapshot = registry.storage.read().await?;
        if portal::lookup(&mut snapshot).await?.is_public {
            Ok(Self::Anonymous)
        } else {
            Err(refused())
        }
    }
}

async fn session(headers: &HeaderMap, registry: &Registry) -> Result<Option<Session>, Problem> {
    let kind = SessionKind::Access;
    let Some(secret) = cookie::secret(headers, kind) else {
        return Ok(None);
    };
    let now = registry.clock.now();
    let found = registry
        .storage
        .find_live_session(secret.digest(), kind, now);
    Ok(found.await?)
}

fn refused() -> Problem {
    Problem::unauthenticated("this needs a developer who is logged in")
}
