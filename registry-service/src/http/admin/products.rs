//! `/v2/api-products`.

use axum::response::NoContent;
use schemars::JsonSchema;
use serde::Serialize;

use crate::administration::products::{self, NewProduct, ProductChanges, ProductView};
use crate::domain::id::{ApiProductId, PortalId};
use crate::domain::product::Labels;
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{
    Answer, Asked, Caller, Created, Named, One, Single, created, one,
};
use crate::http::body::Body;
use crate::http::paging::Listed;
use crate::http::problem::Problem;

/// A product on the wire.
#[derive(Debug, Serialize, JsonSchema)]
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

/// Lists the products.
pub(super) async fn list(Caller(acting): Caller, asked: Asked) -> Answer<Listed<Product>> {
    let list = products::list(&acting, &asked.wanted).await?;
    Ok(asked.answer(list, shown))
}

/// Adds a product.
pub(super) async fn add(Caller(acting): Caller, Body(new): Body<NewProduct>) -> Created<Product> {
    Ok(created(single(products::add(&acting, new).await?)))
}

/// Shows a product.
pub(super) async fn lookup(
    Caller(acting): Caller,
    Named(id): Named<ApiProductId>,
) -> Single<Product> {
    Ok(single(products::lookup(&acting, id).await?))
}

/// Changes a product.
pub(super) async fn change(
    Caller(acting): Caller,
    Named(id): Named<ApiProductId>,
    Body(changes): Body<ProductChanges>,
) -> Single<Product> {
    Ok(single(products::change(&acting, id, changes).await?))
}

/// Removes a product with its versions.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named(id): Named<ApiProductId>,
) -> Result<NoContent, Problem> {
    products::remove(&acting, id).await?;
    Ok(NoContent)
}

fn single(view: ProductView) -> One<Product> {
    one(view.product.updated_at, shown(view))
}

fn shown(view: ProductView) -> Product {
    let product = view.product;
    Product {
        id: product.id,
        name: product.name,
        description: product.description,
        labels: product.labels,
        public_labels: product.public_labels,
        portal_ids: [view.portal],
        version_count: view.version_count,
        created_at: product.created_at,
        updated_at: product.updated_at,
    }
}
