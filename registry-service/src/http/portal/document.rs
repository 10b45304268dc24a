//! `/api/v2/products/{product}/documents`: nothing here keeps any, so lists are empty.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use crate::domain::id::ApiProductId;
use crate::http::paging::{Listed, Paging};
use crate::http::path::Named;
use crate::http::portal::product;
use crate::http::portal::signed_in::Visitor;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::List;

/// Lists the documents of a product.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    _visitor: Visitor,
    Named(id): Named<ApiProductId>,
    paging: Paging,
) -> Result<Json<Listed<String>>, Problem> {
    let mut snapshot = registry.storage.read().await?;
    product::existing(&mut snapshot, id).await?;
    let list = List {
        items: Vec::new(),
        total: 0,
    };
    Ok(Json(paging.answer(list, |document| document)))
}

/// Answers that a document is missing.
pub(super) async fn lookup(_visitor: Visitor) -> Problem {
    Problem::not_found()
}
