//! A document of a product.

use serde::Serialize;

use crate::domain::id::ApiProductId;
use crate::domain::timestamp::Timestamp;
use crate::http::pages::PageResult;
use crate::http::pages::portal::guest::Guest;
use crate::http::pages::portal::product::{Head, Leaf, head, tree};
use crate::http::path::Named;
use crate::self_service::documents;

#[derive(Serialize)]
struct Page {
    product: Head,
    documents: Vec<Leaf>,
    slug: String,
    title: String,
    html: String,
    headings: Vec<Heading>,
    updated_at: Timestamp,
}

#[derive(Serialize)]
struct Heading {
    anchor: String,
    text: String,
}

/// Shows a document.
pub(super) async fn show(
    guest: Guest,
    Named((id, name)): Named<(ApiProductId, String)>,
) -> PageResult {
    let visitor = guest.visitor().await?;
    let found = documents::page(&guest.visit.registry, visitor, (id, &name)).await?;
    let title = found.document.title.to_string();
    let rendered = found.content.render(Some(&title));
    // Larger ones are the document's own parts; smaller ones would make the list as long as it is.
    let headings = rendered.headings.into_iter().filter(|one| one.level <= 3);
    let page = Page {
        product: head(&guest.visit, visitor, id).await?,
        documents: tree(&guest.visit, visitor, id).await?,
        slug: found.document.slug.to_string(),
        title,
        html: rendered.html,
        headings: headings
            .map(|heading| Heading {
                anchor: heading.anchor,
                text: heading.text,
            })
            .collect(),
        updated_at: found.document.updated_at,
    };
    guest.visit.show("portal/document.html", page)
}
