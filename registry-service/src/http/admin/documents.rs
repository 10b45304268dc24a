//! `/v2/api-products/{product}/documents`.

use axum::Json;
use axum::response::NoContent;
use schemars::JsonSchema;
use serde::Serialize;

use crate::administration::documents::{self, DocumentChanges, DocumentView, NewDocument};
use crate::domain::document::{Document, Slug};
use crate::domain::id::{ApiProductId, DocumentId};
use crate::domain::markdown::Markdown;
use crate::domain::publication::PublishStatus;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Caller, Created, Named, One, Single, created, one};
use crate::http::body::Body;
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;

/// A document on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Item {
    id: DocumentId,
    parent_document_id: Option<DocumentId>,
    slug: Slug,
    title: Line<255>,
    status: PublishStatus,
    position: u32,
    metadata: Metadata,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A document with what it says.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Whole {
    #[serde(flatten)]
    item: Item,
    content: Markdown,
}

/// Konnect keeps facts here; we keep none.
#[derive(Debug, Serialize, JsonSchema)]
struct Metadata {}

/// Lists the documents of a product, as the tree has them from top to bottom.
pub(super) async fn list(
    Caller(acting): Caller,
    Named(product): Named<ApiProductId>,
    paging: Paging,
) -> Answer<Listed<Item>> {
    let documents = documents::of_product(&acting, product).await?;
    let part = paging.part(documents.in_order());
    Ok(Json(paging.answer(part, item)))
}

/// Adds a document.
pub(super) async fn add(
    Caller(acting): Caller,
    Named(product): Named<ApiProductId>,
    Body(new): Body<NewDocument>,
) -> Created<Whole> {
    let view = documents::add(&acting, product, new).await?;
    Ok(created(single(view)))
}

/// Shows a document.
pub(super) async fn lookup(
    Caller(acting): Caller,
    Named((product, id)): Named<(ApiProductId, DocumentId)>,
) -> Single<Whole> {
    let view = documents::lookup(&acting, product, id).await?;
    Ok(single(view))
}

/// Changes a document.
pub(super) async fn change(
    Caller(acting): Caller,
    Named(ids): Named<(ApiProductId, DocumentId)>,
    Body(changes): Body<DocumentChanges>,
) -> Single<Whole> {
    let view = documents::change(&acting, ids, changes).await?;
    Ok(single(view))
}

/// Removes a document that nothing is beneath.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named((product, id)): Named<(ApiProductId, DocumentId)>,
) -> Result<NoContent, Problem> {
    documents::remove(&acting, product, id).await?;
    Ok(NoContent)
}

fn single(view: DocumentView) -> One<Whole> {
    one(view.document.updated_at, whole(view))
}

fn whole(view: DocumentView) -> Whole {
    Whole {
        item: item(view.document),
        content: view.content,
    }
}

fn item(document: Document) -> Item {
    Item {
        id: document.id,
        parent_document_id: document.parent,
        slug: document.slug,
        title: document.title,
        status: document.status,
        position: document.position,
        metadata: Metadata {},
        created_at: document.created_at,
        updated_at: document.updated_at,
    }
}
