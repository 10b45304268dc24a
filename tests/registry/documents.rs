//! `/v2/api-products/{product}/documents`, and what developers see of them.

use serde_json::{Value, json};
use stage::postgres::PostgreSql;

use crate::desk::Desk;
use crate::portal::browser::Browser;

const TREE: &str = "application/vnd.konnect.document-tree+json";
const NODES: &str = "application/vnd.konnect.document-nodes+json";

fn new(slug: &str, parent: &Value) -> Value {
    json!({"slug": slug, "title": slug, "status": "published", "parent_document_id": parent,
           "content": format!("# {slug}\n")})
}

/// Asks for a form of something that developers see.
async fn seen(browser: &mut Browser, path: &str, form: &str) -> (String, String) {
    browser.headers = vec![("accept", form.to_owned())];
    let reply = browser.get(path).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let media_type = reply.headers["content-type"].to_str().unwrap().to_owned();
    (media_type, reply.text)
}

fn slugs(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item["slug"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn developers_read_what_is_published_in_the_form_they_ask_for() {
    let server = std::sync::Arc::new(PostgreSql::start().unwrap());
    for desk in [Desk::on_sqlite().await, Desk::on_postgres(&server, 1).await] {
        let published = desk.publish().await;
        let documents = format!("/v2/api-products/{}/documents", published.product);
        let start = desk.post(&documents, new("start", &Value::Null)).await;
        desk.post(&documents, new("keys", &start["id"])).await;
        let mut hidden = new("hidden", &Value::Null);
        hidden["status"] = json!("unpublished");
        let hidden = desk.post(&documents, hidden).await;
        desk.post(&documents, new("beneath-hidden", &hidden["id"]))
            .await;

        let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
        let product = format!("/products/{}", published.product);
        let shown = ada.get(&product).await.expect(200);
        assert_eq!(shown["document_count"], 2);
        let path = format!("{product}/documents");
        let (form, text) = seen(&mut ada, &path, TREE).await;
        let tree: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(form, TREE);
        assert_eq!(slugs(&tree["data"]), ["start"]);
        assert_eq!(slugs(&tree["data"][0]["children"]), ["keys"]);
        let (_, text) = seen(&mut ada, &path, "application/json").await;
        let list: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(slugs(&list["data"]), ["start", "keys"]);
        assert_eq!(list["meta"]["page"]["total"], 2);

        let path = format!("{path}/keys");
        let (_, text) = seen(&mut ada, &path, "application/json").await;
        let page: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(page["content"], "# keys\n");
        assert_eq!(page["parent_document_id"], start["id"]);
        let (form, text) = seen(&mut ada, &path, NODES).await;
        let page: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(form, NODES);
        assert_eq!(page["content"]["children"][0]["type"], "heading");
        let (form, text) = seen(&mut ada, &path, "text/markdown").await;
        assert_eq!(
            (form.as_str(), text.as_str()),
            ("text/markdown", "# keys\n")
        );
    }
}

#[tokio::test]
async fn what_is_unpublished_is_missing_by_slug_and_by_id() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let documents = format!("/v2/api-products/{}/documents", published.product);
    let body = json!({"slug": "draft", "title": "Draft"});
    let draft = desk.post(&documents, body).await;
    assert_eq!(draft["status"], "unpublished", "unless it is said");
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    let mut anyone = Browser::new(&desk);
    for name in ["draft", draft["id"].as_str().unwrap(), "nothing"] {
        let path = format!("/products/{}/documents/{name}", published.product);
        ada.get(&path).await.expect(404);
        anyone.get(&path).await.expect(401);
    }
}

#[tokio::test]
async fn a_document_moves_with_what_is_beneath_it() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let documents = format!("/v2/api-products/{}/documents", published.product);
    let one = desk.post(&documents, new("one", &Value::Null)).await;
    let two = desk.post(&documents, new("two", &one["id"])).await;
    let three = desk.post(&documents, new("three", &Value::Null)).await;
    let path = |document: &Value| format!("{documents}/{}", document["id"].as_str().unwrap());
    let beneath = |document: &Value| json!({"parent_document_id": document["id"]});
    desk.patch(&path(&one), beneath(&three)).await;
    let listed = desk.get(&documents).await;
    assert_eq!(slugs(&listed["data"]), ["three", "one", "two"]);
    let refused = desk.admin("PATCH", &path(&three), beneath(&two)).await;
    let field = &refused.expect(400)["invalid_parameters"][0]["field"];
    assert_eq!(field, "parent_document_id", "it would be beneath itself");
    let refused = desk.admin("DELETE", &path(&three), Value::Null).await;
    refused.expect(409);
    let change = json!({"parent_document_id": null, "position": 0, "title": "First"});
    let moved = desk.patch(&path(&two), change).await;
    assert_eq!(moved["content"], "# two\n", "what is left out stays");
    desk.delete(&path(&one)).await;
    assert_eq!(slugs(&desk.get(&documents).await["data"]), ["two", "three"]);
}

#[tokio::test]
async fn a_refusal_names_the_field_and_the_rule() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let documents = format!("/v2/api-products/{}/documents", published.product);
    desk.post(&documents, new("taken", &Value::Null)).await;
    let taken = desk
        .admin("POST", &documents, new("taken", &Value::Null))
        .await;
    taken.expect(409);
    let nobody = json!("5f9fd312-a987-4628-b4c5-bb4f4fddd5f7");
    let large = "a".repeat(256 * 1024 + 1);
    let cases = [
        (json!({"slug": "a"}), "title"),
        (json!({"slug": "a b", "title": "x"}), "slug"),
        (
            json!({"slug": "a", "title": "x", "status": "draft"}),
            "status",
        ),
        (
            json!({"slug": "a", "title": "x", "content": large}),
            "content",
        ),
        (
            json!({"slug": "a", "title": "x", "metadata": {"owner": "me"}}),
            "metadata.owner",
        ),
        (
            json!({"slug": "a", "title": "x", "position": -1}),
            "position",
        ),
        (new("a", &nobody), "parent_document_id"),
    ];
    for (body, field) in cases {
        let refused = desk.admin("POST", &documents, body).await.expect(400);
        assert_eq!(
            refused["invalid_parameters"][0]["field"], field,
            "{refused}"
        );
    }
}

#[tokio::test]
async fn content_may_come_as_base64() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let documents = format!("/v2/api-products/{}/documents", published.product);
    let body = json!({"slug": "a", "title": "A", "content": "IyBIaQo="});
    assert_eq!(desk.post(&documents, body).await["content"], "# Hi\n");
}
