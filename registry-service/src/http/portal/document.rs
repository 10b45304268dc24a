//! `/api/v2/products/{product}/documents`: nothing here keeps any, so lists are empty.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use crate::domain::id::ApiProductId;
use crate::http::paging::{Listed, Paging};
use crate::http::path::Named;
use crate::http::portal::signed_in::Guest;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::catalogue;
use crate::storage::List;

/// Lists the documents of a product.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    Guest(visitor): Guest,
    Named(id): Named<ApiProductId>,
    paging: Paging,
) -> Result<Json<Listed<String>>, Problem> {
    catalogue::product(&registry, visitor, id).await?;
    let list = List {
        items: Vec::new(),
        total: 0,
    };
    Ok(Json(paging.answer(list, |document| document)))
}

/// Answers that a document is missing.
pub(super) async fn lookup(_: Guest) -> Problem {
    Problem::not_found()
}
