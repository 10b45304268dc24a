//! `/api/v2/products/{product}/documents`: what is said about a product, in the form asked for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::domain::document::{Branch, Document, Slug};
use crate::domain::id::{ApiProductId, DocumentId};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::accept::preferred;
use crate::http::paging::LenientPaging;
use crate::http::path::Named;
use crate::http::portal::signed_in::Guest;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::documents::{self, Page};

const JSON: &str = "application/json";
const TREE: &str = "application/vnd.konnect.document-tree+json";
const NODES: &str = "application/vnd.konnect.document-nodes+json";
const MARKDOWN: &str = "text/markdown";

/// Facts nobody sets; Konnect's document wants the member.
#[derive(Debug, Clone, Serialize)]
struct Metadata {}

/// A document in a list.
#[derive(Debug, Serialize)]
struct Item {
    id: DocumentId,
    parent_document_id: Option<DocumentId>,
    slug: Slug,
    title: Line<255>,
    metadata: Metadata,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A document in the tree.
#[derive(Debug, Serialize)]
struct TreeItem {
    id: DocumentId,
    parent_document_id: Option<DocumentId>,
    slug: Slug,
    title: Line<255>,
    metadata: Metadata,
    children: Vec<TreeItem>,
}

/// A document with what it says: Markdown or nodes.
#[derive(Debug, Serialize)]
struct Whole<T> {
    id: DocumentId,
    parent_document_id: Option<DocumentId>,
    slug: Slug,
    title: Line<255>,
    content: T,
}

/// Lists the documents of a product, or its roots with what is beneath them.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    Guest(visitor): Guest,
    Named(product): Named<ApiProductId>,
    (LenientPaging(paging), headers): (LenientPaging, HeaderMap),
) -> Result<Response, Problem> {
    let documents = documents::of_product(&registry, visitor, product).await?;
    if preferred(&headers, &[JSON, TREE]) == Some(TREE) {
        let roots = paging.part(documents.tree());
        return Ok(typed(TREE, Json(paging.answer(roots, tree_item))));
    }
    let all = paging.part(documents.in_order());
    Ok(typed(JSON, Json(paging.answer(all, item))))
}

/// Shows a document, named by its slug or its id.
pub(super) async fn lookup(
    State(registry): State<Arc<Registry>>,
    Guest(visitor): Guest,
    Named((product, name)): Named<(ApiProductId, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let page = documents::page(&registry, visitor, (product, &name)).await?;
    Ok(match preferred(&headers, &[JSON, NODES, MARKDOWN]) {
        Some(NODES) => {
            let nodes = page.content.nodes();
            typed(NODES, Json(whole(page.document, nodes)))
        }
        Some(MARKDOWN) => typed(MARKDOWN, page.content.as_str().to_owned()),
        _ => {
            let Page { document, content } = page;
            typed(JSON, Json(whole(document, content)))
        }
    })
}

fn typed(media_type: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(VARY, HeaderValue::from_static("accept"));
    response
}

fn item(document: Document) -> Item {
    Item {
        id: document.id,
        parent_document_id: document.parent,
        slug: document.slug,
        title: document.title,
        metadata: Metadata {},
        created_at: document.created_at,
        updated_at: document.updated_at,
    }
}

fn tree_item(branch: Branch) -> TreeItem {
    TreeItem {
        id: branch.document.id,
        parent_document_id: branch.document.parent,
        slug: branch.document.slug,
        title: branch.document.title,
        metadata: Metadata {},
        children: branch.children.into_iter().map(tree_item).collect(),
    }
}

fn whole<T>(document: Document, content: T) -> Whole<T> {
    Whole {
        id: document.id,
        parent_document_id: document.parent,
        slug: document.slug,
        title: document.title,
        content,
    }
}
