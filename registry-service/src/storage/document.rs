//! Documents of API products.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::document::{Document, Documents};
use crate::domain::id::{ApiProductId, DocumentId};
use crate::domain::markdown::Markdown;
use crate::storage::row::{moment, parsed, parsed_or_none};
use crate::storage::{Connection, Result, StorageError, Write};

/// Reads all documents of a product, without their contents.
pub async fn of_product(connection: &mut Connection, product: ApiProductId) -> Result<Documents> {
    let rows = sqlx::query(
        "select document_id, api_product_id, parent_document_id, slug, title, status, position, \
         created_at, updated_at from document where api_product_id = $1 order by created_at",
    )
    .bind(product.to_string())
    .fetch_all(connection)
    .await?;
    let documents = rows.iter().map(document).collect::<Result<_>>()?;
    Ok(Documents::new(documents))
}

/// Reads what a document says; nothing if it is gone.
pub async fn content(connection: &mut Connection, id: DocumentId) -> Result<Markdown> {
    let row = sqlx::query("select content from document where document_id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.map_or_else(|| Ok(Markdown::default()), |row| parsed(&row, "content"))
}

/// Adds a document.
pub async fn add(write: &mut Write, document: &Document, content: &Markdown) -> Result<()> {
    sqlx::query(
        "insert into document (document_id, api_product_id, parent_document_id, slug, title, \
         status, position, content, created_at, updated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(document.id.to_string())
    .bind(document.product.to_string())
    .bind(document.parent.map(|id| id.to_string()))
    .bind(document.slug.as_str())
    .bind(document.title.as_str())
    .bind(document.status.name())
    .bind(i64::from(document.position))
    .bind(content.as_str())
    .bind(document.created_at.0)
    .bind(document.updated_at.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Keeps a document as it is now.
pub async fn update(write: &mut Write, document: &Document) -> Result<()> {
    sqlx::query(
        "update document set parent_document_id = $1, slug = $2, title = $3, status = $4, \
         position = $5, updated_at = $6 where document_id = $7",
    )
    .bind(document.parent.map(|id| id.to_string()))
    .bind(document.slug.as_str())
    .bind(document.title.as_str())
    .bind(document.status.name())
    .bind(i64::from(document.position))
    .bind(document.updated_at.0)
    .bind(document.id.to_string())
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Keeps what a document says now.
pub async fn set_content(write: &mut Write, id: DocumentId, content: &Markdown) -> Result<()> {
    sqlx::query("update document set content = $1 where document_id = $2")
        .bind(content.as_str())
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Removes a document.
pub async fn remove(write: &mut Write, id: DocumentId) -> Result<()> {
    sqlx::query("delete from document where document_id = $1")
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

fn document(row: &AnyRow) -> Result<Document> {
    let position: i64 = row.try_get("position")?;
    Ok(Document {
        id: parsed(row, "document_id")?,
        product: parsed(row, "api_product_id")?,
        parent: parsed_or_none(row, "parent_document_id")?,
        slug: parsed(row, "slug")?,
        title: parsed(row, "title")?,
        status: parsed(row, "status")?,
        position: u32::try_from(position)
            .map_err(|_| StorageError::Corrupt { column: "position" })?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}
