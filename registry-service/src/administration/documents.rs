//! Documents of API products.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::administration::{
    Acting, AdministrationError, Conflict, InvalidField, Result, encoded, products,
};
use crate::domain::access::Duty;
use crate::domain::document::{Document, Documents, InvalidPlace, MOST_DOCUMENTS, Slug};
use crate::domain::id::{ApiProductId, DocumentId};
use crate::domain::markdown::Markdown;
use crate::domain::publication::PublishStatus;
use crate::domain::text::Line;
use crate::domain::wish::Wish;
use crate::storage::{Connection, Deed, Write, document};

/// A document and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentView {
    /// The document.
    pub document: Document,
    /// What it says.
    pub content: Markdown,
}

/// A document to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    /// The document it will be beneath.
    #[serde(default)]
    pub parent_document_id: Option<DocumentId>,
    /// What URLs call it, unique in the product.
    pub slug: Slug,
    /// What people call it.
    pub title: Line<255>,
    /// Whether developers see it; not unless it is said.
    #[serde(default = "unpublished")]
    pub status: PublishStatus,
    /// What it says: Markdown, as a text or as base64 of one.
    #[serde(default, deserialize_with = "encoded::text_or_base64")]
    pub content: Markdown,
    /// Where it stands beneath its parent; the last if it is not said.
    #[serde(default)]
    pub position: Option<u32>,
    /// Konnect keeps facts here; we keep none.
    #[serde(default)]
    pub metadata: NoMetadata,
}

/// What may be changed about a document.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentChanges {
    /// The document it is beneath; null puts it at the top.
    #[serde(default)]
    pub parent_document_id: Wish<DocumentId>,
    /// What URLs call it.
    pub slug: Option<Slug>,
    /// What people call it.
    pub title: Option<Line<255>>,
    /// Whether developers see it.
    pub status: Option<PublishStatus>,
    /// What it says: Markdown, as a text or as base64 of one.
    #[serde(default, deserialize_with = "encoded::some_text_or_base64")]
    pub content: Option<Markdown>,
    /// Where it stands beneath its parent.
    pub position: Option<u32>,
    /// Konnect keeps facts here; we keep none.
    #[serde(default)]
    pub metadata: NoMetadata,
}

/// An object without members.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoMetadata {}

/// Reads the documents of a product, published or not.
pub async fn of_product(acting: &Acting, product: ApiProductId) -> Result<Documents> {
    let mut snapshot = acting.read().await?;
    existing(&mut snapshot, product).await
}

/// Adds a document.
pub async fn add(acting: &Acting, product: ApiProductId, new: NewDocument) -> Result<DocumentView> {
    let mut write = acting.write(Duty::Manage).await?;
    let documents = existing(&mut write, product).await?;
    if documents.as_slice().len() >= MOST_DOCUMENTS {
        return Err(Conflict::TooManyDocuments.into());
    }
    let id = DocumentId(acting.new_id());
    let parent = new.parent_document_id;
    documents.place(id, parent).map_err(misplaced)?;
    let added = Document {
        id,
        product,
        parent,
        slug: new.slug,
        title: new.title,
        status: new.status,
        position: new
            .position
            .unwrap_or_else(|| documents.next_position(parent)),
        created_at: write.now,
        updated_at: write.now,
    };
    document::add(&mut write, &added, &new.content)
        .await
        .map_err(Conflict::Document.if_taken())?;
    let deed = Deed::new("document.add", id).became(&added);
    write.commit(deed).await?;
    Ok(DocumentView {
        document: added,
        content: new.content,
    })
}

/// Reads a document.
pub async fn lookup(
    acting: &Acting,
    product: ApiProductId,
    id: DocumentId,
) -> Result<DocumentView> {
    let mut snapshot = acting.read().await?;
    let document = one(&existing(&mut snapshot, product).await?, id)?;
    view(&mut snapshot, document).await
}

/// Changes a document.
pub async fn change(
    acting: &Acting,
    (product, id): (ApiProductId, DocumentId),
    changes: DocumentChanges,
) -> Result<DocumentView> {
    let mut write = acting.write(Duty::Manage).await?;
    let documents = existing(&mut write, product).await?;
    let before = one(&documents, id)?;
    acting.expect(before.updated_at)?;
    let mut document = before.clone();
    changes.parent_document_id.apply(&mut document.parent);
    if document.parent != before.parent {
        documents.place(id, document.parent).map_err(misplaced)?;
        document.position = documents.next_position(document.parent);
    }
    document.slug = changes.slug.unwrap_or(document.slug);
    document.title = changes.title.unwrap_or(document.title);
    document.status = changes.status.unwrap_or(document.status);
    document.position = changes.position.unwrap_or(document.position);
    document.updated_at = write.now.later_than(before.updated_at);
    let view = keep(&mut write, document, changes.content).await?;
    let deed = Deed::new("document.update", id).was(&before);
    write.commit(deed.became(&view.document)).await?;
    Ok(view)
}

/// Removes a document that nothing is beneath.
pub async fn remove(acting: &Acting, product: ApiProductId, id: DocumentId) -> Result<()> {
    let mut write = acting.write(Duty::Manage).await?;
    let documents = existing(&mut write, product).await?;
    let before = one(&documents, id)?;
    acting.expect(before.updated_at)?;
    if documents.has_children(id) {
        return Err(Conflict::DocumentsBeneath.into());
    }
    document::remove(&mut write, id).await?;
    let deed = Deed::new("document.remove", id).was(&before);
    write.commit(deed).await?;
    Ok(())
}

async fn existing(connection: &mut Connection, product: ApiProductId) -> Result<Documents> {
    products::existing(connection, product).await?;
    Ok(document::of_product(connection, product).await?)
}

fn one(documents: &Documents, id: DocumentId) -> Result<Document> {
    let found = documents.find(id).cloned();
    found.ok_or(AdministrationError::Unknown)
}

async fn keep(
    write: &mut Write,
    changed: Document,
    content: Option<Markdown>,
) -> Result<DocumentView> {
    document::update(write, &changed)
        .await
        .map_err(Conflict::Document.if_taken())?;
    if let Some(content) = content {
        document::set_content(write, changed.id, &content).await?;
    }
    view(write, changed).await
}

async fn view(connection: &mut Connection, document: Document) -> Result<DocumentView> {
    Ok(DocumentView {
        content: document::content(connection, document.id).await?,
        document,
    })
}

fn misplaced(reason: InvalidPlace) -> AdministrationError {
    InvalidField::new("parent_document_id", "place", reason).into()
}

const fn unpublished() -> PublishStatus {
    PublishStatus::Unpublished
}
