//! `/v2/api-products`.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::id::{ApiProductId, PortalId};
use crate::domain::product::{ApiProduct, Labels};
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Caller, Created, Named, created};
use crate::http::body::{Body, Wish};
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;
use crate::storage::{Connection, Deed, portal, product};

/// A product on the wire.
#[derive(Debug, Serialize)]
pub(super) struct Product {
    id: ApiProductId,
    name: Line<100>,
    description: Option<Prose<4096>>,
    labels: Labels,
    public_labels: Labels,
    portal_ids: [PortalId; 1],
    version_count: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A product to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProduct {
    name: Line<100>,
    description: Option<Prose<4096>>,
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    public_labels: Labels,
    /// One registry is one portal: it shows every product.
    #[serde(default)]
    portal_ids: Vec<PortalId>,
}

/// What may be changed about a product.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    name: Option<Line<100>>,
    #[serde(default)]
    description: Wish<Prose<4096>>,
    labels: Option<Labels>,
    public_labels: Option<Labels>,
}

/// Lists the products.
pub(super) async fn list(caller: Caller, paging: Paging) -> Answer<Listed<Product>> {
    let mut snapshot = caller.read().await?;
    let list = product::list(&mut snapshot, paging.range()).await?;
    let mut items = Vec::new();
    for product in list.items {
        items.push(shown(&mut snapshot, product).await?);
    }
    let total = list.total;
    Ok(Json(
        paging.answer(crate::storage::List { items, total }, |item| item),
    ))
}

/// Adds a product.
pub(super) async fn add(caller: Caller, Body(new): Body<NewProduct>) -> Created<Product> {
    let now = caller.now();
    let mut write = caller.write().await?;
    let portal = portal::lookup(&mut write).await?;
    if new.portal_ids.iter().any(|id| *id != portal.id) {
        return Err(Problem::invalid_field(
            "portal_ids",
            "exists",
            "names another portal",
        ));
    }
    let product = ApiProduct {
        id: ApiProductId(caller.new_id()),
        name: new.name,
        description: new.description,
        labels: new.labels,
        public_labels: new.public_labels,
        created_at: now,
        updated_at: now,
    };
    product::add(&mut write, &product).await?;
    let answer = shown(&mut write, product).await?;
    write
        .commit(Deed::new("api-product.add", answer.id))
        .await?;
    Ok(created(answer))
}

/// Shows a product.
pub(super) async fn lookup(caller: Caller, Named(id): Named<ApiProductId>) -> Answer<Product> {
    let mut snapshot = caller.read().await?;
    let product = existing(&mut snapshot, id).await?;
    Ok(Json(shown(&mut snapshot, product).await?))
}

/// Changes a product.
pub(super) async fn change(
    caller: Caller,
    Named(id): Named<ApiProductId>,
    Body(changes): Body<Changes>,
) -> Answer<Product> {
    let mut write = caller.write().await?;
    let mut product = existing(&mut write, id).await?;
    product.name = changes.name.unwrap_or(product.name);
    changes.description.apply(&mut product.description);
    product.labels = changes.labels.unwrap_or(product.labels);
    product.public_labels = changes.public_labels.unwrap_or(product.public_labels);
    product.updated_at = caller.now();
    product::update(&mut write, &product).await?;
    let answer = shown(&mut write, product).await?;
    write.commit(Deed::new("api-product.update", id)).await?;
    Ok(Json(answer))
}

/// Removes a product with its versions.
pub(super) async fn remove(
    caller: Caller,
    Named(id): Named<ApiProductId>,
) -> Result<StatusCode, Problem> {
    let mut write = caller.write().await?;
    existing(&mut write, id).await?;
    product::remove(&mut write, id).await?;
    write.commit(Deed::new("api-product.remove", id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads the product a path names.
pub(super) async fn existing(
    connection: &mut Connection,
    id: ApiProductId,
) -> Result<ApiProduct, Problem> {
    product::lookup(connection, id)
        .await?
        .ok_or_else(Problem::not_found)
}

async fn shown(connection: &mut Connection, product: ApiProduct) -> Result<Product, Problem> {
    Ok(Product {
        id: product.id,
        name: product.name,
        description: product.description,
        labels: product.labels,
        public_labels: product.public_labels,
        portal_ids: [portal::lookup(connection).await?.id],
        version_count: product::count_versions(connection, product.id).await?,
        created_at: product.created_at,
        updated_at: product.updated_at,
    })
}
