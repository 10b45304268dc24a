//! The catalogue: what there is, found by name.

use serde::Serialize;

use crate::domain::id::ApiProductId;
use crate::domain::text::Prose;
use crate::http::pages::portal::guest::Guest;
use crate::http::pages::{Browse, PageResult, Pager};
use crate::self_service::catalogue;
use crate::storage::catalogue::product::{Products, PublishedProduct};

#[derive(Serialize)]
struct Catalog<'a> {
    description: Option<&'a str>,
    is_public: bool,
    search: &'a str,
    products: Vec<Tile>,
    pager: Pager,
}

/// A product as the catalogue shows it.
#[derive(Serialize)]
struct Tile {
    id: ApiProductId,
    name: String,
    description: Option<String>,
    version_count: i64,
    latest: Option<String>,
    labels: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Front<'a> {
    description: Option<&'a str>,
}

/// Shows the catalogue; to those who may not see it, the way in.
pub(super) async fn show(guest: Guest, browse: Browse) -> PageResult {
    let description = guest.portal.description.as_ref().map(Prose::as_str);
    if guest.signed_in.is_none() && !guest.portal.is_public {
        return guest.visit.show("portal/front.html", Front { description });
    }
    let visitor = guest.visitor().await?;
    let wanted = Products {
        name_contains: browse.filled("q"),
        ..Products::default()
    };
    let wanted = (wanted, browse.range());
    let list = catalogue::products(&guest.visit.registry, visitor, wanted).await?;
    let page = Catalog {
        description,
        is_public: guest.portal.is_public,
        search: browse.text("q"),
        pager: browse.pager(list.total),
        products: list.items.into_iter().map(tile).collect(),
    };
    guest.visit.show("portal/catalog.html", page)
}

fn tile(published: PublishedProduct) -> Tile {
    let product = published.product;
    Tile {
        id: product.id,
        name: product.name.to_string(),
        description: product.description.map(|text| text.to_string()),
        version_count: published.version_count,
        latest: published.latest.map(|(_, name)| name.to_string()),
        labels: product.public_labels.into_iter().collect(),
    }
}
