//! Documents of a product, in Markdown.

use serde_json::{Value, json};

use crate::administration::documents::{
    self, DocumentChanges, DocumentView, NewDocument, NoMetadata,
};
use crate::administration::{AdministrationError, Conflict, products};
use crate::domain::document::{Document, Documents, Slug};
use crate::domain::id::{ApiProductId, DocumentId};
use crate::domain::markdown::Markdown;
use crate::domain::publication::PublishStatus;
use crate::domain::text::Line;
use crate::http::pages::admin::desk::{Desk, noted, set};
use crate::http::pages::{Draft, Form, PageError, PageResult};
use crate::http::path::Named;

const FORM: &str = "admin/document_form.html";

const FIELDS: [&str; 5] = [
    "title",
    "slug",
    "parent_document_id",
    "content",
    "published",
];

/// What a form says of a document.
struct Content {
    title: Line<255>,
    slug: Slug,
    parent: Option<DocumentId>,
    text: Markdown,
    status: PublishStatus,
}

/// Lists the documents of a product.
pub(super) async fn list(desk: Desk, Named(id): Named<ApiProductId>) -> PageResult {
    let product = products::lookup(&desk.acting, id).await?.product;
    let documents = documents::of_product(&desk.acting, id).await?;
    let rows: Vec<Value> = documents.in_order().iter().map(row).collect();
    let page = json!({"product_id": id, "product": product.name, "documents": rows});
    desk.show("admin/documents.html", page)
}

/// Asks for a new document.
pub(super) async fn blank(desk: Desk, Named(id): Named<ApiProductId>) -> PageResult {
    let draft = Draft::blank(&FIELDS).with("published", "on");
    desk.show(FORM, page(&desk, (id, None), draft).await?)
}

/// Adds a document.
pub(super) async fn add(desk: Desk, Named(id): Named<ApiProductId>, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &FIELDS);
    if let Some(content) = parse(&mut draft) {
        let new = NewDocument {
            parent_document_id: content.parent,
            slug: content.slug,
            title: content.title,
            status: content.status,
            content: content.text,
            position: None,
            metadata: NoMetadata {},
        };
        match documents::add(&desk.acting, id, new).await {
            Ok(_) => return desk.done(&path(id), "The document is created."),
            Err(error) => noted(&mut draft, error, "slug")?,
        }
    }
    desk.refuse(FORM, page(&desk, (id, None), draft).await?)
}

/// Shows what may be changed about a document.
pub(super) async fn edit(
    desk: Desk,
    Named((product, id)): Named<(ApiProductId, DocumentId)>,
) -> PageResult {
    let DocumentView { document, content } = documents::lookup(&desk.acting, product, id).await?;
    let is_published = document.status == PublishStatus::Published;
    let parent = document.parent.map(|id| id.to_string());
    let draft = Draft::blank(&FIELDS)
        .with("title", &document.title)
        .with("slug", &document.slug)
        .with("parent_document_id", parent.unwrap_or_default())
        .with("content", &content)
        .with("published", if is_published { "on" } else { "" });
    desk.show(FORM, page(&desk, (product, Some(id)), draft).await?)
}

/// Changes a document.
pub(super) async fn change(
    desk: Desk,
    Named((product, id)): Named<(ApiProductId, DocumentId)>,
    form: Form,
) -> PageResult {
    let mut draft = Draft::of(&form, &FIELDS);
    if let Some(content) = parse(&mut draft) {
        let changes = DocumentChanges {
            parent_document_id: set(content.parent),
            slug: Some(content.slug),
            title: Some(content.title),
            status: Some(content.status),
            content: Some(content.text),
            ..DocumentChanges::default()
        };
        match documents::change(&desk.acting, (product, id), changes).await {
            Ok(_) => return desk.done(&path(product), "The document is saved."),
            Err(error) => noted(&mut draft, error, "slug")?,
        }
    }
    desk.refuse(FORM, page(&desk, (product, Some(id)), draft).await?)
}

/// Asks whether a document shall go.
pub(super) async fn confirm(
    desk: Desk,
    Named((product, id)): Named<(ApiProductId, DocumentId)>,
) -> PageResult {
    let view = documents::lookup(&desk.acting, product, id).await?;
    let page = json!({
        "title": format!("Delete {}?", view.document.title),
        "consequences": ["Developers can no longer read it."],
        "action": format!("{}/{id}/delete", path(product)),
        "button": "Delete document",
        "back": path(product),
        "keep": "Keep it",
    });
    desk.show("confirm.html", page)
}

/// Removes a document that nothing is beneath.
pub(super) async fn remove(
    desk: Desk,
    Named((product, id)): Named<(ApiProductId, DocumentId)>,
    _: Form,
) -> PageResult {
    match documents::remove(&desk.acting, product, id).await {
        Ok(()) => desk.done(&path(product), "The document is deleted."),
        Err(AdministrationError::Conflict(Conflict::DocumentsBeneath)) => {
            let text =
                "The document stays: there are others beneath it. Move or delete them first.";
            desk.undone(&path(product), text)
        }
        Err(error) => Err(error.into()),
    }
}

fn parse(draft: &mut Draft) -> Option<Content> {
    let title = draft.parse("title");
    let slug = draft.parse("slug");
    let parent = draft.parse_filled("parent_document_id");
    let text = match Markdown::parse(draft.text("content")) {
        Ok(text) => Some(text),
        Err(error) => {
            draft.refuse("content", error);
            None
        }
    };
    let status = match draft.text("published") {
        "" => PublishStatus::Unpublished,
        _ => PublishStatus::Published,
    };
    Some(Content {
        title: title?,
        slug: slug?,
        parent: parent?,
        text: text?,
        status,
    })
}

async fn page(
    desk: &Desk,
    (product, id): (ApiProductId, Option<DocumentId>),
    draft: Draft,
) -> Result<Value, PageError> {
    let documents = documents::of_product(&desk.acting, product).await?;
    let action = id.map_or_else(
        || format!("{}/new", path(product)),
        |id| format!("{}/{id}", path(product)),
    );
    Ok(json!({
        "product_id": product,
        "product": products::lookup(&desk.acting, product).await?.product.name,
        "document": id,
        "action": action,
        "parents": parents(&documents, id),
        "form": draft,
    }))
}

/// Returns what a document can be beneath: the domain says where there is a place for it.
fn parents(documents: &Documents, id: Option<DocumentId>) -> Vec<(String, String)> {
    let has_place = |parent: &Document| {
        let id = id.unwrap_or(DocumentId(uuid::Uuid::nil()));
        documents.place(id, Some(parent.id)).is_ok()
    };
    let top = (String::new(), "The top of the list".to_owned());
    let others = documents.as_slice().iter().filter(|one| has_place(one));
    let others = others.map(|one| (one.id.to_string(), one.title.to_string()));
    std::iter::once(top).chain(others).collect()
}

fn path(product: ApiProductId) -> String {
    format!("/products/{product}/documents")
}

fn row(document: &Document) -> Value {
    json!({
        "id": document.id,
        "title": document.title,
        "slug": document.slug,
        "is_beneath": document.parent.is_some(),
        "status": document.status,
        "updated_at": document.updated_at,
    })
}
