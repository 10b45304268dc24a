//! The catalogue: published versions, the products they belong to, and the ways to authenticate.

use crate::domain::auth_strategy::AuthStrategy;
use crate::domain::id::{ApiProductId, ProductVersionId};
use crate::domain::portal::Portal;
use crate::domain::session::SignedIn;
use crate::registry::Registry;
use crate::storage::catalogue::product::{self, Products, PublishedProduct};
use crate::storage::catalogue::strategy::{self, Strategies};
use crate::storage::catalogue::version::{self, PublishedVersion, Versions};
use crate::storage::{Connection, List, Range, StorageError, portal};

/// Someone who may look at the catalogue: a developer who is logged in or, where the portal is
/// public, anyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor(Option<SignedIn>);

/// A published version as it is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The version.
    pub published: PublishedVersion,
    /// Whether registrations are approved at once.
    pub approves_at_once: bool,
}

/// Why the catalogue does not show what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The portal is not public, and nobody is logged in.
    #[error("this needs a developer who is logged in")]
    LoginNeeded,
    /// Nothing of this name is published.
    #[error("nothing of this name is published")]
    Missing,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

// === impl Visitor ===

impl Visitor {
    /// Lets whoever is logged in look, and everyone else if the portal is public.
    pub async fn admit(
        registry: &Registry,
        signed_in: Option<SignedIn>,
    ) -> Result<Self, CatalogueError> {
        if signed_in.is_none() {
            let mut snapshot = registry.storage.read().await?;
            if !portal::lookup(&mut snapshot).await?.is_public {
                return Err(CatalogueError::LoginNeeded);
            }
        }
        Ok(Self(signed_in))
    }

    /// Returns the developer, if it is one.
    pub const fn signed_in(self) -> Option<SignedIn> {
        self.0
    }

    /// Whether they may register applications: without teams, every developer may for everything.
    pub const fn may_register(self) -> bool {
        self.0.is_some()
    }
}

// === impl Offer ===

impl Offer {
    fn of(portal: &Portal, published: PublishedVersion) -> Self {
        Self {
            approves_at_once: published.publication.approves_at_once(portal),
            published,
        }
    }
}

/// Lists the products that have something published, by name.
pub async fn products(
    registry: &Registry,
    _: Visitor,
    (wanted, range): (Products, Range),
) -> Result<List<PublishedProduct>, CatalogueError> {
    let mut snapshot = registry.storage.read().await?;
    Ok(product::list(&mut snapshot, wanted, range).await?)
}

/// Shows a product.
pub async fn product(
    registry: &Registry,
    _: Visitor,
    id: ApiProductId,
) -> Result<PublishedProduct, CatalogueError> {
    let mut snapshot = registry.storage.read().await?;
    published_product(&mut snapshot, id).await
}

/// Lists the published versions of a product, the newest first.
pub async fn versions(
    registry: &Registry,
    _: Visitor,
    (id, wanted, range): (ApiProductId, Versions, Range),
) -> Result<List<Offer>, CatalogueError> {
    let mut snapshot = registry.storage.read().await?;
    let product = published_product(&mut snapshot, id).await?.product;
    let wanted = Versions {
        product: Some(product.id),
        ..wanted
    };
    let portal = portal::lookup(&mut snapshot).await?;
    let list = version::list(&mut snapshot, wanted, range).await?;
    Ok(List {
        items: list
            .items
            .into_iter()
            .map(|published| Offer::of(&portal, published))
            .collect(),
        total: list.total,
    })
}

/// Shows a published version.
pub async fn version(
    registry: &Registry,
    _: Visitor,
    ids: (ApiProductId, ProductVersionId),
) -> Result<Offer, CatalogueError> {
    let mut snapshot = registry.storage.read().await?;
    let published = published_version(&mut snapshot, ids).await?;
    let portal = portal::lookup(&mut snapshot).await?;
    Ok(Offer::of(&portal, published))
}

/// Lists the strategies an application can have.
pub async fn strategies(
    registry: &Registry,
    _: SignedIn,
    (wanted, range): (Strategies, Range),
) -> Result<List<AuthStrategy>, CatalogueError> {
    let mut snapshot = registry.storage.read().await?;
    Ok(strategy::list(&mut snapshot, wanted, range).await?)
}

/// Reads a product that has something published.
pub async fn published_product(
    connection: &mut Connection,
    id: ApiProductId,
) -> Result<PublishedProduct, CatalogueError> {
    let published = product::lookup(connection, id).await?;
    published.ok_or(CatalogueError::Missing)
}

/// Reads a published version of a product.
pub async fn published_version(
    connection: &mut Connection,
    (product, version): (ApiProductId, ProductVersionId),
) -> Result<PublishedVersion, CatalogueError> {
    let wanted = Versions {
        product: Some(product),
        id: Some(version),
        ..Versions::default()
    };
    let published = version::lookup(connection, wanted).await?;
    published.ok_or(CatalogueError::Missing)
}
