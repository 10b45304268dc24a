//! Who looks at a page of the portal.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::accounts;
use crate::domain::developer::Developer;
use crate::domain::id::DeveloperId;
use crate::domain::portal::Portal;
use crate::domain::session::SignedIn;
use crate::http::pages::{Flash, PageError, Visit};
use crate::registry::Registry;
use crate::self_service::catalogue::{CatalogueError, Visitor};
use crate::storage::{account, portal};

/// Anyone.
#[derive(Debug)]
pub(super) struct Guest {
    /// What their browser sent.
    pub(super) visit: Visit,
    /// Where they are.
    pub(super) portal: Portal,
    /// Who they are, if they are logged in.
    pub(super) signed_in: Option<SignedIn>,
}

/// A developer who is logged in.
#[derive(Debug)]
pub(super) struct Member {
    /// What their browser sent.
    pub(super) visit: Visit,
    /// Their log-in.
    pub(super) signed_in: SignedIn,
    /// Who they are.
    pub(super) developer: Developer,
}

// === impl Guest ===

impl Guest {
    /// Admits them to the catalogue, or sends them to the log-in.
    pub(super) async fn visitor(&self) -> Result<Visitor, PageError> {
        match Visitor::admit(&self.visit.registry, self.signed_in).await {
            Ok(visitor) => Ok(visitor),
            Err(CatalogueError::LoginNeeded) => {
                Err(PageError::elsewhere(self.visit.clone().log_in_first()))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl FromRequestParts<Arc<Registry>> for Guest {
    type Rejection = PageError;

    async fn from_request_parts(
        parts: &mut Parts,
        registry: &Arc<Registry>,
    ) -> Result<Self, PageError> {
        let (guest, _) = greet(parts, registry).await?;
        Ok(guest)
    }
}

// === impl Member ===

impl FromRequestParts<Arc<Registry>> for Member {
    type Rejection = PageError;

    async fn from_request_parts(
        parts: &mut Parts,
        registry: &Arc<Registry>,
    ) -> Result<Self, PageError> {
        let (guest, developer) = greet(parts, registry).await?;
        let mut visit = guest.visit;
        if guest.portal.is_public {
            let flash = Flash::notice("This portal is public: nobody needs an account to read it.");
            return Err(PageError::elsewhere(visit.go_with("/", &flash)));
        }
        match guest.signed_in.zip(developer) {
            Some((signed_in, developer)) => {
                visit.recall().await?;
                Ok(Self {
                    visit,
                    signed_in,
                    developer,
                })
            }
            None => Err(PageError::elsewhere(visit.log_in_first())),
        }
    }
}

/// Finds out who it is. In a public portal there are no log-ins.
async fn greet(
    parts: &mut Parts,
    registry: &Arc<Registry>,
) -> Result<(Guest, Option<Developer>), PageError> {
    let Ok(mut visit) = Visit::from_request_parts(parts, registry).await;
    let mut snapshot = registry.storage.read().await?;
    let portal = portal::lookup(&mut snapshot).await?;
    portal.name.as_str().clone_into(&mut visit.name);
    visit.has_accounts = !portal.is_public;
    drop(snapshot);
    let signed_in = match visit.session().filter(|_| !portal.is_public) {
        Some(secret) => accounts::visit::<DeveloperId>(registry, secret).await?,
        None => None,
    };
    let mut developer = None;
    if let Some(signed_in) = signed_in {
        let mut snapshot = registry.storage.read().await?;
        let account = account::lookup(&mut snapshot, signed_in.developer()).await?;
        developer = account.map(|account| account.developer);
    }
    visit.person = developer
        .as_ref()
        .map(|developer| developer.full_name.to_string());
    let guest = Guest {
        visit,
        portal,
        signed_in,
    };
    Ok((guest, developer))
}
