//! The admin API: what is refused, and how.

mod administrators;
mod audit;
mod authorisation;
mod decisions;
mod imports;
mod lists;
mod preconditions;

use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn a_refused_body_names_the_field_and_the_rule() {
    let desk = Desk::on_sqlite().await;
    for (path, body, field, rule) in [refused_products(), refused_services()].concat() {
        let answer = desk.admin("POST", path, body.clone()).await.expect(400);
        let invalid = &answer["invalid_parameters"][0];
        assert_eq!(invalid["field"], field, "{body} {answer}");
        assert_eq!(invalid["rule"], rule, "{body} {answer}");
        assert_ne!(answer["message"], Value::Null, "front-ends show it");
    }
}

/// A path, a body that is refused there, and the field and rule that are named.
type Refused = (&'static str, Value, &'static str, &'static str);

fn refused_products() -> Vec<Refused> {
    let path = "/v2/api-products";
    vec![
        (path, json!({}), "name", "required"),
        (path, json!({"name": 1}), "name", "type"),
        (path, json!({"name": "a\nb"}), "name", "type"),
        (
            path,
            json!({"name": "a", "role": "x"}),
            "role",
            "unknown_property",
        ),
    ]
}

fn refused_services() -> Vec<Refused> {
    let path = "/admin/v1/services";
    let key_names = json!({"name": "a", "key_auth": {"key_names": ["api key"]}});
    let anonymous = json!({"name": "a", "key_auth": {"anonymous": uuid::Uuid::nil()}});
    let acl = json!({"name": "a", "acl": {"allow": [], "deny": []}});
    vec![
        (path, json!({"name": "Upper"}), "name", "type"),
        (path, key_names, "key_auth.key_names", "type"),
        (path, anonymous, "key_auth.anonymous", "exists"),
        (path, acl, "acl", "type"),
    ]
}

#[tokio::test]
async fn what_exists_already_conflicts() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let product = json!({"name": "Mock"});
    let versions = format!("/v2/api-products/{}/product-versions", published.product);
    let strategy = format!("/v2/application-auth-strategies/{}", published.strategy);
    for (method, path, body) in [
        ("POST", "/v2/api-products", product),
        ("POST", versions.as_str(), json!({"name": "v1"})),
        ("DELETE", strategy.as_str(), Value::Null),
    ] {
        desk.admin(method, path, body).await.expect(409);
    }
}

#[tokio::test]
async fn a_product_takes_its_versions_and_services_along() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let product = format!("/v2/api-products/{}", published.product);
    desk.delete(&product).await;
    desk.admin("GET", &product, Value::Null).await.expect(404);
    let services = desk.get("/admin/v1/services").await;
    assert_eq!(services["meta"]["page"]["total"], 0);
}

#[tokio::test]
async fn a_service_is_changed_member_by_member() {
    let desk = Desk::on_sqlite().await;
    let body = json!({"name": "one", "acl": {"allow": ["a"]}, "key_auth": {"realm": "r"}});
    let made = desk.post("/admin/v1/services", body).await;
    let path = format!("/admin/v1/services/{}", made["id"].as_str().unwrap());
    let change = json!({"acl": {"allow": null, "deny": ["b"]}, "key_auth": {"key_in_body": true}});
    let changed = desk.patch(&path, change).await;
    assert_eq!(changed["acl"]["deny"], json!(["b"]));
    assert_eq!(changed["key_auth"]["realm"], "r");
    assert_eq!(changed["key_auth"]["key_in_body"], true);
    let changed = desk.patch(&path, json!({"acl": null})).await;
    assert_eq!(changed["acl"], Value::Null);
}

#[tokio::test]
async fn a_published_services_name_is_for_good() {
    let desk = Desk::on_sqlite().await;
    desk.publish().await;
    let services = desk.get("/admin/v1/services").await;
    let id = services["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/v1/services/{id}");
    let answer = desk.admin("PATCH", &path, json!({"name": "other"})).await;
    assert_eq!(
        answer.expect(400)["invalid_parameters"][0]["rule"],
        "immutable"
    );
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_until_it_is_revoked() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let developer = json!({"email": "a@example.test", "full_name": "A", "status": "pending"});
    let developer = desk.post("/admin/v1/developers", developer).await;
    let developers = format!("/v2/portals/{}/developers", published.portal);
    let developer = format!("{developers}/{}", developer["id"].as_str().unwrap());
    let made = desk
        .post(
            "/admin/v1/tokens",
            json!({"name": "ci", "scopes": ["approve"]}),
        )
        .await;
    let token = made["token"].as_str().unwrap();
    let approve = json!({"status": "approved"});
    let ask = async |method, path, body| desk.admin_as(token, (method, path), body).await.status;
    assert_eq!(ask("GET", developers.as_str(), Value::Null).await, 200);
    assert_eq!(ask("PATCH", developer.as_str(), approve.clone()).await, 200);
    assert_eq!(ask("DELETE", developer.as_str(), Value::Null).await, 403);
    assert_eq!(
        ask("POST", "/v2/api-products", json!({"name": "a"})).await,
        403
    );
    let path = format!("/admin/v1/tokens/{}", made["id"].as_str().unwrap());
    desk.delete(&path).await;
    assert_eq!(ask("GET", developers.as_str(), Value::Null).await, 401);
}

#[tokio::test]
async fn a_token_that_would_be_over_already_is_not_made() {
    let desk = Desk::on_sqlite().await;
    let new = json!({"name": "ci", "scopes": ["read"], "expires_at": "2001-01-01T00:00:00Z"});
    let answer = desk.admin("POST", "/admin/v1/tokens", new).await;
    let refused = answer.expect(400);
    assert_eq!(refused["invalid_parameters"][0]["field"], "expires_at");
}

#[tokio::test]
async fn every_write_is_in_the_audit_and_a_refused_one_is_not() {
    let desk = Desk::on_sqlite().await;
    let before = desk.get("/admin/v1/audit").await["meta"]["page"]["total"].clone();
    desk.application("one").await;
    desk.admin("POST", "/admin/v1/applications", json!({}))
        .await
        .expect(400);
    let after = desk.get("/admin/v1/audit").await;
    let total = after["meta"]["page"]["total"].as_i64().unwrap();
    assert_eq!(total, before.as_i64().unwrap() + 1);
    assert_eq!(after["data"][0]["action"], "application.add");
    assert_eq!(after["data"][0]["actor_kind"], "token");
}

#[tokio::test]
async fn a_guessable_key_is_refused_unless_allowed() {
    let desk = Desk::on_sqlite().await;
    let strict = desk.strict().await;
    let application = strict.application("one").await;
    let path = format!("/admin/v1/applications/{application}/credentials");
    let answer = strict.admin("POST", &path, json!({"key": "kong"})).await;
    assert_eq!(answer.expect(400)["invalid_parameters"][0]["field"], "key");
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("kong"));
    let path = path.clone();
    desk.post(&path, json!({"key": "kong"})).await;
}

#[tokio::test]
async fn lists_come_in_pages() {
    let desk = Desk::on_sqlite().await;
    for number in 0..3 {
        desk.application(&format!("application {number}")).await;
    }
    let portal = desk.get("/v2/portals").await["data"][0]["id"].clone();
    let path = format!("/v2/portals/{}/applications", portal.as_str().unwrap());
    let page = desk
        .get(&format!("{path}?page%5Bsize%5D=2&page%5Bnumber%5D=2"))
        .await;
    assert_eq!(
        page["meta"]["page"],
        json!({"number": 2, "size": 2, "total": 3})
    );
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    let found = desk
        .get(&format!("{path}?filter%5Bname%5D%5Bcontains%5D=ION%201"))
        .await;
    assert_eq!(found["meta"]["page"]["total"], 1);
    let path = format!("{path}?page%5Bsize%5D=1000");
    desk.admin("GET", &path, Value::Null).await.expect(400);
}
