//! `/v2/api-products/{product}/product-versions/{version}/specifications`, and what developers see.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use stage::postgres::PostgreSql;

use crate::desk::{Desk, Published};
use crate::portal::browser::Browser;

const PETS: &str = "openapi: 3.0.0\ninfo: {title: Pets, version: '1'}\npaths:\n  /pets:\n    get: \
    {operationId: listPets, summary: Lists pets, tags: [pets], responses: {200: {description: ok}}}\n";

fn admin_path(published: &Published) -> String {
    format!(
        "/v2/api-products/{}/product-versions/{}/specifications",
        published.product, published.version
    )
}

fn file(content: &str) -> Value {
    json!({"name": "oas.yaml", "content": BASE64_STANDARD.encode(content)})
}

#[tokio::test]
async fn developers_read_a_specification_and_its_operations() {
    let server = std::sync::Arc::new(PostgreSql::start().unwrap());
    for desk in [Desk::on_sqlite().await, Desk::on_postgres(&server, 1).await] {
        let published = desk.publish().await;
        let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
        let spec = format!(
            "/products/{}/versions/{}/spec",
            published.product, published.version
        );
        let operations = format!("{spec}/operations");
        ada.get(&spec).await.expect(204);
        ada.get(&operations).await.expect(204);
        desk.post(&admin_path(&published), file(PETS)).await;
        let shown = ada.get(&spec).await.expect(200);
        assert_eq!(shown, json!({"api_type": "openapi", "content": PETS}));
        let shown = ada.get(&operations).await.expect(200);
        let operation = json!({"path": "/pets", "method": "get", "operation_id": "listPets",
            "tags": ["pets"], "summary": "Lists pets", "deprecated": false});
        assert_eq!(
            shown,
            json!({"api_type": "openapi", "operations": [operation]})
        );
        Browser::new(&desk).get(&spec).await.expect(401);
    }
}

#[tokio::test]
async fn a_version_has_one_specification() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let path = admin_path(&published);
    let added = desk.post(&path, file(PETS)).await;
    assert_eq!(added["content"], file(PETS)["content"]);
    desk.admin("POST", &path, file(PETS)).await.expect(409);
    let one = format!("{path}/{}", added["id"].as_str().unwrap());
    let renamed = desk.patch(&one, json!({"name": "pets.yaml"})).await;
    assert_eq!(
        renamed["content"], added["content"],
        "what is left out stays"
    );
    assert_eq!(desk.get(&path).await["data"], json!([renamed]));
    desk.delete(&one).await;
    assert_eq!(desk.get(&path).await["meta"]["page"]["total"], 0);
    desk.admin("GET", &one, Value::Null).await.expect(404);
}

#[tokio::test]
async fn a_refusal_says_what_is_wrong_and_where() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let without_title = PETS.replace("title: Pets, ", "");
    let cases = [
        (file(&without_title), "at `info`: `title` is missing"),
        (file("openapi: [\n  3.0"), "line"),
        (
            json!({"name": "a", "content": "not base64!"}),
            "must be base64",
        ),
        (json!({"name": "a", "content": "/w=="}), "UTF-8"),
    ];
    for (body, expected) in cases {
        let path = admin_path(&published);
        let refused = desk.admin("POST", &path, body).await.expect(400);
        let parameter = &refused["invalid_parameters"][0];
        assert_eq!(parameter["field"], "content");
        let reason = parameter["reason"].as_str().unwrap();
        assert!(reason.contains(expected), "{reason}");
    }
}
