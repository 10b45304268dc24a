//! The OpenAPI documents of our own APIs: put together from the routes and the handlers' types, so
//! that they say what is served.
//!
//! [`operation`] is what extractors and answers say of themselves. The Portal Client API has no
//! document here: Konnect's is the contract.

mod operation;

use std::sync::Arc;

use aide::axum::ApiRouter;
use aide::openapi::{Info, OpenApi, SecurityScheme};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use serde_json::{Map, Value, json};

use crate::registry::Registry;

/// What the document calls the way to authenticate.
const TOKEN: &str = "token";

/// Routes that are described where they are added: `api_route`, never `route`.
pub(super) type Routes = ApiRouter<Arc<Registry>>;

/// Returns the routes, and with them their document.
pub(super) fn served(routes: Routes, title: &str, path: &str) -> Router<Arc<Registry>> {
    let mut document = OpenApi {
        info: Info {
            title: title.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Info::default()
        },
        security: vec![[(TOKEN.to_owned(), Vec::new())].into_iter().collect()],
        ..OpenApi::default()
    };
    let routes = routes.finish_api_with(&mut document, |document| {
        document.security_scheme(TOKEN, bearer())
    });
    let text = completed(&document).to_string();
    let answer = || async move { ([(CONTENT_TYPE, "application/json")], text) };
    routes.route(path, get(answer))
}

fn bearer() -> SecurityScheme {
    SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: None,
        description: Some("An access token.".to_owned()),
        extensions: [].into_iter().collect(),
    }
}

/// Adds what no type knows: the operations' names, and the ids in their paths.
fn completed(document: &OpenApi) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut() {
                name(operation, method, path);
                let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
                if let Value::Array(parameters) = parameters {
                    parameters.extend(path_parameters(path));
                }
            }
        }
    }
    document
}

/// Names an operation after its path: `patch_v2_api_products_by_product`.
fn name(operation: &mut Map<String, Value>, method: &str, path: &str) {
    let mut id = method.to_owned();
    let mut tag = "";
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        if let Some(name) = parameter(segment) {
            id.push_str("_by_");
            id.push_str(name);
        } else {
            id.push('_');
            id.push_str(&segment.replace('-', "_"));
            tag = segment;
        }
    }
    operation.insert("operationId".to_owned(), json!(id));
    operation.insert("tags".to_owned(), json!([tag]));
}

/// Everything in our paths that varies is an id.
fn path_parameters(path: &str) -> impl Iterator<Item = Value> {
    path.split('/').filter_map(parameter).map(|name| {
        let schema = json!({"type": "string", "format": "uuid"});
        json!({"name": name, "in": "path", "required": true, "schema": schema})
    })
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}
