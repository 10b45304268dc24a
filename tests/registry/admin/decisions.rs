//! Decisions about developers and registrations, and what offers become.

use serde_json::{Value, json};

use crate::desk::{Desk, Published};
use crate::portal::browser::Browser;

/// A registration that waits, and its application.
async fn pending(desk: &Desk, published: &Published) -> (String, String) {
    let email = format!("{}@example.test", uuid::Uuid::nil());
    let mut browser = Browser::of_developer(desk, &email).await;
    let application = browser.application(published).await;
    let registration = browser.register(&application, published).await;
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    (id(&application), id(&registration))
}

#[tokio::test]
async fn many_are_decided_at_once_and_each_that_cannot_be_is_named() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let (_, registration) = pending(&desk, &published).await;
    let nobody = uuid::Uuid::nil().to_string();
    let path = "/admin/v1/registrations/decisions";
    let body = json!({"ids": [registration, nobody], "status": "rejected", "reason": "not now"});
    let answer = desk.admin("POST", path, body).await.expect(200);
    assert_eq!(answer["decided"][0]["status"], "rejected");
    assert_eq!(answer["decided"][0]["reason"], "not now");
    assert_eq!(answer["refused"][0]["id"], nobody.as_str());
    let approve = json!({"ids": [registration], "status": "approved"});
    let answer = desk.admin("POST", path, approve).await.expect(200);
    assert_eq!(answer["decided"][0]["status"], "approved");
    let audit = desk.get("/admin/v1/audit").await;
    assert_eq!(audit["data"][0]["was"]["status"], "rejected");
    for ids in [json!([]), json!(vec![nobody; 101])] {
        let answer = desk.admin("POST", path, json!({"ids": ids, "status": "approved"}));
        assert_eq!(
            answer.await.expect(400)["invalid_parameters"][0]["field"],
            "ids"
        );
    }
}

#[tokio::test]
async fn an_approved_registration_is_revoked_and_not_rejected() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let (application, registration) = pending(&desk, &published).await;
    let path = format!(
        "/v2/portals/{}/applications/{application}/registrations/{registration}",
        published.portal
    );
    desk.patch(&path, json!({"status": "approved"})).await;
    let rejected = json!({"status": "rejected"});
    desk.admin("PATCH", &path, rejected).await.expect(409);
    let revoked = desk.patch(&path, json!({"status": "revoked"})).await;
    assert_eq!(revoked["status"], "revoked");
}

#[tokio::test]
async fn a_version_shows_what_its_gateway_does() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let path = format!("/admin/v1/product-versions/{}/plugins", published.version);
    let plugins = desk.get(&path).await["data"].clone();
    assert_eq!(plugins[0]["name"], "key-auth");
    assert_eq!(plugins[0]["config"]["key_names"], json!(["apikey"]));
    assert_eq!(plugins[1]["name"], "acl");
    let version = published.version.to_string();
    assert_eq!(plugins[1]["config"]["allow"], json!([version]));
    let publication = format!(
        "/v2/portals/{}/product-versions/{version}",
        published.portal
    );
    let closed = json!({"application_registration_enabled": false, "auth_strategy_ids": []});
    desk.patch(&publication, closed).await;
    let plugins = desk.get(&path).await["data"].clone();
    assert_eq!(plugins[1]["config"]["allow"], json!([]), "nobody is let in");
}

#[tokio::test]
async fn a_service_that_loses_its_version_admits_nobody() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let version = format!(
        "/v2/api-products/{}/product-versions/{}",
        published.product, published.version
    );
    let before = desk.get(&version).await["gateway_service"]["id"].clone();
    let other = desk
        .post("/admin/v1/services", json!({"name": "other"}))
        .await;
    let change = json!({"gateway_service": {"id": other["id"]}});
    let changed = desk.patch(&version, change.clone()).await;
    assert_eq!(changed["gateway_service"]["id"], other["id"]);
    let before = format!("/admin/v1/services/{}", before.as_str().unwrap());
    let before = desk.get(&before).await;
    assert_eq!(before["product_version_id"], Value::Null);
    assert_eq!(before["acl"]["allow"], json!([]));
    desk.patch(&version, change).await;
    let none = desk.patch(&version, json!({"gateway_service": null})).await;
    assert_eq!(none["gateway_service"], Value::Null);
}

#[tokio::test]
async fn an_administrator_links_no_more_than_a_developer_may() {
    let desk = Desk::on_sqlite().await;
    let body = json!({"name": "one", "redirect_uri": "javascript:alert(1)"});
    let answer = desk.admin("POST", "/admin/v1/applications", body).await;
    let answer = answer.expect(400);
    assert_eq!(answer["invalid_parameters"][0]["field"], "redirect_uri");
}
