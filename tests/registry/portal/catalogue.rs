//! `/api/v2/portal`, `/products`, `/search/product-catalog` and their versions

use serde_json::json;

use crate::desk::{Desk, Published};
use crate::portal::browser::Browser;

const NOW: &str = "2025-11-11T00:18:50.120Z";

fn product(published: &Published) -> serde_json::Value {
    json!({
        "id": published.product, "name": "Mock", "description": null, "document_count": 0,
        "version_count": 1, "latest_version": {"id": published.version, "name": "v1"},
        "public_labels": {}, "created_at": NOW, "updated_at": NOW,
    })
}

#[tokio::test]
async fn a_front_end_learns_about_the_portal_before_anyone_is_logged_in() {
    let desk = Desk::on_sqlite().await;
    let context = Browser::new(&desk).get("/portal").await.expect(200);
    assert_eq!(
        context,
        json!({
            "portal_id": context["portal_id"], "org_id": context["portal_id"],
            "name": "Developer portal", "canonical_domain": "localhost:8003",
            "is_public": false, "rbac_enabled": false, "basic_auth_enabled": true,
            "oidc_auth_enabled": false, "featureset_id": "keystile", "feature_set": "keystile",
            "dcr_provider_ids": [], "allowed_time_period": "90d",
        })
    );
}

#[tokio::test]
async fn the_catalogue_shows_what_is_published() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    desk.post("/v2/api-products", json!({"name": "Hidden"}))
        .await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    let expected = product(&published);
    let listed = ada.get("/products").await.expect(200);
    assert_eq!(listed["data"], json!([expected]));
    let one = format!("/products/{}", published.product);
    assert_eq!(ada.get(&one).await.expect(200), expected);
    let found = ada
        .get("/search/product-catalog?q=mo&join=versions")
        .await
        .expect(200);
    let result = json!({"index": "product-catalog", "source": expected});
    assert_eq!(found["data"], json!([result]));
    let other = ada.get("/search/other").await.expect(400);
    assert_eq!(other["invalid_parameters"][0]["field"], "indices");
    let nothing = ada.get("/search/product-catalog?q=zzz").await.expect(200);
    assert_eq!(nothing["data"], json!([]));
}

#[tokio::test]
async fn a_version_says_how_to_register_for_it() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    let path = format!("/products/{}/versions", published.product);
    let expected = json!({
        "id": published.version, "name": "v1", "deprecated": false,
        "registration_configs": [{
            "id": published.strategy, "name": "Key", "credential_type": "key_auth",
            "registration_enabled": true, "registration_auto_approve": false,
        }],
        "created_at": NOW, "updated_at": NOW,
    });
    assert_eq!(ada.get(&path).await.expect(200)["data"], json!([expected]));
    let one = format!("{path}/{}", published.version);
    assert_eq!(ada.get(&one).await.expect(200), expected);
}

#[tokio::test]
async fn what_is_unpublished_is_as_missing_as_what_never_was() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    let path = format!(
        "/v2/portals/{}/product-versions/{}",
        published.portal, published.version
    );
    desk.patch(&path, json!({"publish_status": "unpublished"}))
        .await;
    let product = format!("/products/{}", published.product);
    let version = format!("{product}/versions/{}", published.version);
    let never = "8f0ba4a4-1b2c-4d5e-8f90-123456789abc";
    for (path, missing) in [
        (product.clone(), format!("/products/{never}")),
        (
            format!("{product}/versions"),
            format!("/products/{never}/versions"),
        ),
        (
            format!("{product}/actions"),
            format!("/products/{never}/actions"),
        ),
        (version.clone(), format!("{product}/versions/{never}")),
        (
            format!("{version}/applications"),
            format!("{product}/versions/{never}/applications"),
        ),
    ] {
        let (hidden, missing) = (ada.get(&path).await, ada.get(&missing).await);
        assert_eq!(hidden.status, 404, "{path}");
        assert_eq!(hidden.anonymised(), missing.anonymised(), "{path}");
    }
    assert_eq!(ada.get("/products").await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn a_public_catalogue_is_open_and_the_rest_is_not() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut anyone = Browser::new(&desk);
    let product = format!("/products/{}", published.product);
    let version = format!("{product}/versions/{}", published.version);
    let open = ["/products", "/search/product-catalog", &product, &version];
    for path in open {
        anyone.get(path).await.expect(401);
    }
    let portal = format!("/v2/portals/{}", published.portal);
    desk.patch(&portal, json!({"is_public": true})).await;
    for path in open {
        anyone.get(path).await.expect(200);
    }
    let actions = anyone.get(&format!("{product}/actions")).await.expect(200);
    assert_eq!(
        actions,
        json!({"actions": {"view": true, "register": false, "view_documentation": true}})
    );
    let closed = [
        "/applications",
        "/developer/me",
        &format!("{version}/applications"),
    ];
    for path in closed {
        anyone.get(path).await.expect(401);
    }
}

#[tokio::test]
async fn a_version_lists_the_developers_applications_that_have_registered_or_have_not() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    let mut bob = Browser::of_developer(&desk, "bob@example.test").await;
    let application = ada.application(&published).await;
    bob.application(&published).await;
    let path = format!(
        "/products/{}/versions/{}/applications",
        published.product, published.version
    );
    let mut expected = json!({
        "id": application.rsplit('/').next(), "name": "Weather",
        "registration_id": null, "registration_status": null,
        "auth_strategy": {"id": published.strategy, "name": "Key", "credential_type": "key_auth"},
        "created_at": NOW, "updated_at": NOW,
    });
    let unregistered = format!(
        "{path}?unregistered=true&filter[auth_strategy_id]={}",
        published.strategy
    );
    let listed = ada.get(&unregistered).await.expect(200);
    assert_eq!(listed["data"], json!([expected]));
    assert_eq!(ada.get(&path).await.expect(200)["data"], json!([]));
    let registration = ada.register(&application, &published).await;
    expected["registration_id"] = json!(registration.rsplit('/').next());
    expected["registration_status"] = json!("pending");
    assert_eq!(ada.get(&path).await.expect(200)["data"], json!([expected]));
    assert_eq!(ada.get(&unregistered).await.expect(200)["data"], json!([]));
    let rejected = format!("{path}?filter[status]=rejected");
    assert_eq!(ada.get(&rejected).await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn what_is_not_kept_here_is_answered_honestly() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    let product = format!("/products/{}", published.product);
    let version = format!("{product}/versions/{}", published.version);
    let documents = ada.get(&format!("{product}/documents")).await.expect(200);
    assert_eq!(documents["data"], json!([]));
    ada.get(&format!("{product}/documents/start"))
        .await
        .expect(404);
    ada.get(&format!("{version}/spec")).await.expect(204);
    ada.get(&format!("{version}/spec/operations"))
        .await
        .expect(204);
    ada.get("/developer/authenticate/sso").await.expect(400);
}
