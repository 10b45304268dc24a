//! A product: what it is about, its versions, its documents.

use serde::Serialize;

use crate::domain::document::Branch;
use crate::domain::id::{ApiProductId, ProductVersionId};
use crate::domain::markdown::Markdown;
use crate::domain::timestamp::Timestamp;
use crate::http::pages::portal::guest::Guest;
use crate::http::pages::{Browse, PageError, PageResult, Pager, Visit};
use crate::http::path::Named;
use crate::self_service::catalogue::{self, Offer, Visitor};
use crate::self_service::documents;
use crate::storage::catalogue::version::Versions;

#[derive(Serialize)]
struct Page {
    product: Head,
    description: Option<String>,
    labels: Vec<(String, String)>,
    versions: Vec<Version>,
    pager: Pager,
    documents: Vec<Leaf>,
    is_public: bool,
}

/// The product a page is about.
#[derive(Serialize)]
pub(super) struct Head {
    id: ApiProductId,
    name: String,
}

#[derive(Serialize)]
struct Version {
    id: ProductVersionId,
    name: String,
    is_deprecated: bool,
    takes_registrations: bool,
    approves_at_once: bool,
    created_at: Timestamp,
}

/// A document in the tree, and what is beneath it.
#[derive(Serialize)]
pub(super) struct Leaf {
    slug: String,
    title: String,
    children: Vec<Leaf>,
}

/// Shows a product.
pub(super) async fn show(
    guest: Guest,
    Named(id): Named<ApiProductId>,
    browse: Browse,
) -> PageResult {
    let visitor = guest.visitor().await?;
    let registry = &guest.visit.registry;
    let published = catalogue::product(registry, visitor, id).await?;
    let wanted = (id, Versions::default(), browse.range());
    let list = catalogue::versions(registry, visitor, wanted).await?;
    let product = published.product;
    let name = product.name.to_string();
    let description = product.description;
    let page = Page {
        description: description.map(|text| html(text.as_str(), Some(&name))),
        product: Head { id, name },
        labels: product.public_labels.into_iter().collect(),
        pager: browse.pager(list.total),
        versions: list.items.iter().map(version).collect(),
        documents: tree(&guest.visit, visitor, id).await?,
        is_public: guest.portal.is_public,
    };
    guest.visit.show("portal/product.html", page)
}

/// Reads the product a page is about.
pub(super) async fn head(
    visit: &Visit,
    visitor: Visitor,
    id: ApiProductId,
) -> Result<Head, PageError> {
    let found = catalogue::product(&visit.registry, visitor, id).await?;
    let name = found.product.name.to_string();
    Ok(Head { id, name })
}

/// Reads the documents of a product, as a tree.
pub(super) async fn tree(
    visit: &Visit,
    visitor: Visitor,
    id: ApiProductId,
) -> Result<Vec<Leaf>, PageError> {
    let documents = documents::of_product(&visit.registry, visitor, id).await?;
    Ok(documents.tree().into_iter().map(leaf).collect())
}

/// Renders Markdown for a page with this title, if it has one; nothing of it runs.
pub(super) fn html(text: &str, title: Option<&str>) -> String {
    Markdown::parse(text)
        .map(|markdown| markdown.render(title).html)
        .unwrap_or_default()
}

fn leaf(branch: Branch) -> Leaf {
    Leaf {
        slug: branch.document.slug.to_string(),
        title: branch.document.title.to_string(),
        children: branch.children.into_iter().map(leaf).collect(),
    }
}

fn version(offer: &Offer) -> Version {
    let published = &offer.published;
    Version {
        id: published.version.id,
        name: published.version.name.to_string(),
        is_deprecated: published.version.deprecated,
        takes_registrations: takes_registrations(offer),
        approves_at_once: offer.approves_at_once,
        created_at: published.version.created_at,
    }
}

/// Whether an application can register: without a strategy a version is closed.
pub(super) fn takes_registrations(offer: &Offer) -> bool {
    let published = &offer.published;
    published.publication.application_registration_enabled && published.strategy.is_some()
}
