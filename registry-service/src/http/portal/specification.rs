//! `/api/v2/products/{product}/versions/{version}/spec`: how an API is called.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::domain::id::{ApiProductId, ProductVersionId};
use crate::domain::specification::{Method, Operation, SpecificationText};
use crate::http::path::Named;
use crate::http::portal::signed_in::Guest;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::documents;

/// The one kind of specification there is.
const OPENAPI: &str = "openapi";

/// A specification on the wire: as a text, whatever it is written in.
#[derive(Debug, Serialize)]
struct Answer {
    api_type: &'static str,
    content: SpecificationText,
}

/// What a specification describes.
#[derive(Debug, Serialize)]
struct Operations {
    api_type: &'static str,
    operations: Vec<OperationAnswer>,
}

#[derive(Debug, Serialize)]
struct OperationAnswer {
    path: String,
    method: Method,
    operation_id: Option<String>,
    tags: Vec<String>,
    summary: Option<String>,
    deprecated: bool,
}

/// Shows the specification of a version; front-ends ask only to learn whether there is one.
pub(super) async fn show(
    State(registry): State<Arc<Registry>>,
    Guest(visitor): Guest,
    Named(ids): Named<(ApiProductId, ProductVersionId)>,
) -> Result<Response, Problem> {
    let found = documents::specification(&registry, visitor, ids).await?;
    Ok(or_no_content(found.map(|specification| Answer {
        api_type: OPENAPI,
        content: specification.content,
    })))
}

/// Lists the operations of a version's specification.
pub(super) async fn operations(
    State(registry): State<Arc<Registry>>,
    Guest(visitor): Guest,
    Named(ids): Named<(ApiProductId, ProductVersionId)>,
) -> Result<Response, Problem> {
    let found = documents::described(&registry, visitor, ids).await?;
    Ok(or_no_content(found.map(|described| Operations {
        api_type: OPENAPI,
        operations: described.operations.into_iter().map(operation).collect(),
    })))
}

fn or_no_content<T: Serialize>(found: Option<T>) -> Response {
    match found {
        Some(answer) => Json(answer).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

fn operation(operation: Operation) -> OperationAnswer {
    OperationAnswer {
        path: operation.path,
        method: operation.method,
        operation_id: operation.id,
        tags: operation.tags,
        summary: operation.summary,
        deprecated: operation.is_deprecated,
    }
}
