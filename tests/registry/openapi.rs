//! `/openapi.json` of each listener: our own APIs, as their routes and types describe them.

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use keystile_registry::domain::specification::{OpenApi, Operation};
use keystile_registry::http;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::desk::Desk;

const NOBODY: &str = "5f9fd312-a987-4628-b4c5-bb4f4fddd5f7";

async fn document(router: &axum::Router) -> String {
    document_at(router, "/openapi.json").await
}

async fn document_at(router: &axum::Router, path: &str) -> String {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Asks as somebody without a token.
async fn asked(router: &axum::Router, operation: &Operation) -> StatusCode {
    let is_id = |segment: &str| segment.starts_with('{');
    let segments = operation.path.split('/');
    let path: Vec<_> = segments
        .map(|segment| if is_id(segment) { NOBODY } else { segment })
        .collect();
    let method: Method = operation.method.name().to_uppercase().parse().unwrap();
    let request = Request::builder().method(method).uri(path.join("/"));
    let request = request.body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn every_operation_of_the_admin_and_gateway_documents_is_served_and_guarded() {
    let desk = Desk::on_sqlite().await;
    let admin = (http::admin_router(&desk.registry), 60);
    let gateway = (http::gateway_router(&desk.registry), 3);
    for (router, least) in [admin, gateway] {
        let document = OpenApi::parse(&document(&router).await).unwrap();
        let count = document.operations.len();
        assert!(count >= least, "{count}");
        for operation in &document.operations {
            let status = asked(&router, operation).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{operation:?}");
        }
    }
}

#[tokio::test]
async fn limits_and_choices_are_those_of_the_types() {
    let desk = Desk::on_sqlite().await;
    let text = document(&http::admin_router(&desk.registry)).await;
    let document: Value = serde_json::from_str(&text).unwrap();
    let product = &document["components"]["schemas"]["NewProduct"];
    assert_eq!(product["additionalProperties"], false);
    assert_eq!(product["required"], serde_json::json!(["name"]));
    assert_eq!(product["properties"]["name"]["maxLength"], 100);
    let add = &document["paths"]["/v2/api-products"]["post"];
    assert!(add["responses"]["201"]["content"]["application/json"].is_object());
    let refused = &add["responses"]["400"]["content"]["application/problem+json"];
    assert_eq!(refused["schema"]["$ref"], "#/components/schemas/Problem");
}

#[tokio::test]
async fn every_operation_of_the_developers_document_is_served_and_guarded() {
    let desk = Desk::on_sqlite().await;
    let router = http::portal_router(&desk.registry);
    let text = document_at(&router, "/api/ext/v1/openapi.json").await;
    let document = OpenApi::parse(&text).unwrap();
    assert_eq!(document.operations.len(), 13);
    for operation in &document.operations {
        // The one that a mailed link is enough for refuses the empty body.
        let expected = if operation.path.ends_with("/confirm") {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::UNAUTHORIZED
        };
        let status = asked(&router, operation).await;
        assert_eq!(status, expected, "{operation:?}");
    }
}
