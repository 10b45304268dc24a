//! The OpenAPI documents of our own APIs: put together from the routes and the handlers' types, so
//! that they say what is served.
//!
//! [`operation`] is what extractors and answers say of themselves. The Portal Client API has no
//! document here: Konnect's is the contract.

mod operation;

use std::sync::Arc;

use aide::axum::ApiRouter;
use aide::openapi::{ApiKeyLocation, Info, OpenApi, SecurityScheme};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use serde_json::{Map, Value, json};

use crate::registry::Registry;

/// What a document says about an API as a whole.
pub(super) struct About {
    /// Its name.
    pub(super) title: &'static str,
    /// Where the document is.
    pub(super) path: &'static str,
    /// How callers show who they are.
    pub(super) access: Access,
}

/// How callers show who they are.
#[derive(Clone, Copy)]
pub(super) enum Access {
    /// An access token in `authorization`.
    Token,
    /// The access cookie of a log-in through the Portal Client API.
    Cookie,
}

/// Routes that are described where they are added: `api_route`, never `route`.
pub(super) type Routes = ApiRouter<Arc<Registry>>;

// === impl Access ===

impl Access {
    const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Cookie => "cookie",
        }
    }

    fn scheme(self) -> SecurityScheme {
        let extensions = [].into_iter().collect();
        match self {
            Self::Token => SecurityScheme::Http {
                scheme: "bearer".to_owned(),
                bearer_format: None,
                description: Some("An access token.".to_owned()),
                extensions,
            },
            Self::Cookie => SecurityScheme::ApiKey {
                location: ApiKeyLocation::Cookie,
                name: "portalaccesstoken".to_owned(),
                description: Some("The cookie of a log-in through `/api/v2`.".to_owned()),
                extensions,
            },
        }
    }
}

/// Returns the routes, and with them their document.
pub(super) fn served(routes: Routes, about: &About) -> Router<Arc<Registry>> {
    let access = about.access;
    let mut document = OpenApi {
        info: Info {
            title: about.title.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Info::default()
        },
        security: vec![
            [(access.name().to_owned(), Vec::new())]
                .into_iter()
                .collect(),
        ],
        ..OpenApi::default()
    };
    let routes = routes.finish_api_with(&mut document, |document| {
        document.security_scheme(access.name(), access.scheme())
    });
    let text = completed(&document).to_string();
    let answer = || async move { ([(CONTENT_TYPE, "application/json")], text) };
    routes.route(about.path, get(answer))
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
