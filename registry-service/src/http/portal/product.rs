//! `/api/v2/products` and `/api/v2/search/product-catalog`: what the catalogue shows.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::domain::id::{ApiProductId, ProductVersionId};
use crate::domain::product::Labels;
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::http::paging::{LenientPaging, Listed};
use crate::http::path::Named;
use crate::http::portal::filter::Filters;
use crate::http::portal::signed_in::Guest;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::catalogue;
use crate::storage::catalogue::product::{Products, PublishedProduct};

/// The one thing that can be searched.
const CATALOGUE: &str = "product-catalog";

/// A product on the wire; in the results of a search too.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    id: ApiProductId,
    name: Line<100>,
    description: Option<Prose<4096>>,
    document_count: i64,
    version_count: i64,
    latest_version: Option<LatestVersion>,
    public_labels: Labels,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The version that was made last.
#[derive(Debug, Serialize)]
pub(super) struct LatestVersion {
    id: ProductVersionId,
    name: Line<255>,
}

/// One result of a search.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    index: &'static str,
    source: Answer,
}

/// What a visitor may do with a product.
#[derive(Debug, Serialize)]
pub(super) struct Permitted {
    actions: Actions,
}

#[derive(Debug, Serialize)]
struct Actions {
    view: bool,
    register: bool,
    view_documentation: bool,
}

/// Lists the products that have something published.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    Guest(visitor): Guest,
    (LenientPaging(paging), filters): (LenientPaging, Filters),
) -> Result<Json<Listed<Answer>>, Problem> {
    let (name, description) = (filters.text("name"), filters.text("description"));
    let wanted = Products {
        id: filters.equals("id"),
        name: name.equals,
        name_contains: name.contains,
        description: description.equals,
        description_contains: description.contains,
    };
    let list = catalogue::products(&registry, visitor, (wanted, paging.range())).await?;
    Ok(Json(paging.answer(list, answer)))
}

/// Searches the catalogue for products whose name contains a text.
pub(super) async fn search(
    State(registry): State<Arc<Registry>>,
    Guest(visitor): Guest,
    Named(index): Named<String>,
    (LenientPaging(paging), filters): (LenientPaging, Filters),
) -> Result<Json<Listed<Found>>, Problem> {
    if index != CATALOGUE {
        return Err(Problem::invalid_query(
            "indices",
            "must be `product-catalog`",
        ));
    }
    let wanted = Products {
        name_contains: filters.find("q"),
        ..Products::default()
    };
    let list = catalogue::products(&registry, visitor, (wanted, paging.range())).await?;
    let found = |published| Found {
        index: CATALOGUE,
        source: answer(published),
    };
    Ok(Json(paging.answer(list, found)))
}

/// Shows a product.
pub(super) async fn lookup(
    State(registry): State<Arc<Registry>>,
    Guest(visitor): Guest,
    Named(id): Named<ApiProductId>,
) -> Result<Json<Answer>, Problem> {
    let product = catalogue::product(&registry, visitor, id).await?;
    Ok(Json(answer(product)))
}

/// Shows what a visitor may do with a product.
pub(super) async fn actions(
    State(registry): State<Arc<Registry>>,
    Guest(visitor): Guest,
    Named(id): Named<ApiProductId>,
) -> Result<Json<Permitted>, Problem> {
    catalogue::product(&registry, visitor, id).await?;
    let actions = Actions {
        view: true,
        register: visitor.may_register(),
        view_documentation: true,
    };
    Ok(Json(Permitted { actions }))
}

fn answer(published: PublishedProduct) -> Answer {
    let PublishedProduct {
        product,
        version_count,
        document_count,
        latest,
    } = published;
    Answer {
        id: product.id,
        name: product.name,
        description: product.description,
        document_count,
        version_count,
        latest_version: latest.map(|(id, name)| LatestVersion { id, name }),
        public_labels: product.public_labels,
        created_at: product.created_at,
        updated_at: product.updated_at,
    }
}
