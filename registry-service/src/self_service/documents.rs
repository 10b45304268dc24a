//! What is said about what is offered: documents of products, specifications of versions.

use crate::domain::document::{Document, Documents};
use crate::domain::id::{ApiProductId, ProductVersionId};
use crate::domain::markdown::Markdown;
use crate::domain::specification::{OpenApi, Specification};
use crate::registry::Registry;
use crate::self_service::catalogue::{
    CatalogueError, Visitor, published_product, published_version,
};
use crate::storage::{Connection, document, specification};

/// A document and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The document.
    pub document: Document,
    /// What it says.
    pub content: Markdown,
}

/// Reads the documents of a product that developers see.
pub async fn of_product(
    registry: &Registry,
    _: Visitor,
    product: ApiProductId,
) -> Result<Documents, CatalogueError> {
    let mut snapshot = registry.storage.read().await?;
    published(&mut snapshot, product).await
}

/// Shows a document, found by its slug or its id.
pub async fn page(
    registry: &Registry,
    _: Visitor,
    (product, name): (ApiProductId, &str),
) -> Result<Page, CatalogueError> {
    let mut snapshot = registry.storage.read().await?;
    let documents = published(&mut snapshot, product).await?;
    let document = documents.find_by_name(name).cloned();
    let document = document.ok_or(CatalogueError::Missing)?;
    Ok(Page {
        content: document::content(&mut snapshot, document.id).await?,
        document,
    })
}

/// Reads the specification of a version, if it has one.
pub async fn specification(
    registry: &Registry,
    _: Visitor,
    ids: (ApiProductId, ProductVersionId),
) -> Result<Option<Specification>, CatalogueError> {
    let mut snapshot = registry.storage.read().await?;
    let version = published_version(&mut snapshot, ids).await?.version.id;
    Ok(specification::find_by_version(&mut snapshot, version).await?)
}

/// Reads what a version's specification describes, if it has one.
pub async fn described(
    registry: &Registry,
    visitor: Visitor,
    ids: (ApiProductId, ProductVersionId),
) -> Result<Option<OpenApi>, CatalogueError> {
    let Some(specification) = specification(registry, visitor, ids).await? else {
        return Ok(None);
    };
    // Milliseconds of work for a large one: not between two requests of somebody else.
    let reading =
        tokio::task::spawn_blocking(move || OpenApi::parse(specification.content.as_str()));
    match reading.await {
        Ok(Ok(described)) => Ok(Some(described)),
        // It was read when it was sent, by a registry that may have been less strict.
        Ok(Err(error)) => {
            tracing::warn!(%error, "a specification that was kept cannot be read");
            Ok(None)
        }
        Err(_) => Ok(None),
    }
}

async fn published(
    connection: &mut Connection,
    product: ApiProductId,
) -> Result<Documents, CatalogueError> {
    published_product(connection, product).await?;
    let documents = document::of_product(connection, product).await?;
    Ok(documents.published())
}
