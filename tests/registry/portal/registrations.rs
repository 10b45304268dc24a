//! `/api/v2/applications/{application}/registrations`

use keystile_protocol::state::Entry;
use serde_json::{Value, json};

use crate::desk::{Desk, Published};
use crate::portal::browser::Browser;

const NOW: &str = "2025-11-11T00:18:50.120Z";

/// A developer with an application, and what it could register for.
async fn stage() -> (Desk, Published, Browser, String) {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    let application = ada.application(&published).await;
    (desk, published, ada, application)
}

async fn change_publication(desk: &Desk, published: &Published, changes: Value) {
    let Published {
        portal, version, ..
    } = published;
    let path = format!("/v2/portals/{portal}/product-versions/{version}");
    desk.patch(&path, changes).await;
}

/// Returns how many product versions the gateways admit the one application to.
async fn approvals(desk: &Desk) -> usize {
    let entries = desk.everything().await;
    let application = entries.iter().find_map(|entry| match entry {
        Entry::Application(application) => Some(application),
        _ => None,
    });
    application.unwrap().approved.len()
}

#[tokio::test]
async fn a_registration_waits_for_an_administrator() {
    let (desk, published, mut ada, application) = stage().await;
    let path = ada.register(&application, &published).await;
    let expected = json!({
        "id": path.rsplit('/').next(), "status": "pending",
        "product_id": published.product, "product_name": "Mock",
        "product_version_id": published.version, "product_version_name": "v1",
        "application_id": application.rsplit('/').next(),
        "created_at": NOW, "updated_at": NOW,
    });
    assert_eq!(ada.get(&path).await.expect(200), expected);
    let listed = ada.get(&format!("{application}/registrations")).await;
    assert_eq!(listed.expect(200)["data"], json!([expected]));
    assert_eq!(approvals(&desk).await, 0, "nothing is let through yet");
}

#[tokio::test]
async fn a_registration_is_approved_at_once_where_the_portal_or_the_publication_says_so() {
    for by_portal in [true, false] {
        let (desk, published, mut ada, application) = stage().await;
        let portal = format!("/v2/portals/{}", published.portal);
        let switch = json!({"auto_approve_applications": by_portal});
        desk.patch(&portal, switch).await;
        let switch = json!({"auto_approve_registration": !by_portal});
        change_publication(&desk, &published, switch).await;
        let path = ada.register(&application, &published).await;
        assert_eq!(ada.get(&path).await.expect(200)["status"], "approved");
        assert_eq!(approvals(&desk).await, 1, "the gateways hear of it");
    }
}

#[tokio::test]
async fn a_version_is_registered_for_once() {
    let (_desk, published, mut ada, application) = stage().await;
    let path = ada.register(&application, &published).await;
    let body = json!({"product_version_id": published.version});
    let again = format!("{application}/registrations");
    ada.post(&again, body.clone()).await.expect(409);
    ada.delete(&path).await.expect(204);
    ada.post(&again, body).await.expect(201);
}

#[tokio::test]
async fn withdrawing_an_approved_registration_closes_the_gate() {
    let (desk, published, mut ada, application) = stage().await;
    let switch = json!({"auto_approve_registration": true});
    change_publication(&desk, &published, switch).await;
    let path = ada.register(&application, &published).await;
    ada.delete(&path).await.expect(204);
    assert_eq!(approvals(&desk).await, 0);
    ada.get(&path).await.expect(404);
}

#[tokio::test]
async fn a_version_that_takes_no_registrations_refuses_them() {
    let (desk, published, mut ada, application) = stage().await;
    let path = format!("{application}/registrations");
    let body = json!({"product_version_id": published.version});
    let switch = json!({"application_registration_enabled": false});
    change_publication(&desk, &published, switch).await;
    let refused = ada.post(&path, body.clone()).await.expect(400);
    assert_eq!(
        refused["invalid_parameters"][0]["field"],
        "product_version_id"
    );
    let switch = json!({"application_registration_enabled": true, "publish_status": "unpublished"});
    change_publication(&desk, &published, switch).await;
    let unpublished = ada.post(&path, body).await;
    let body = json!({"product_version_id": "8f0ba4a4-1b2c-4d5e-8f90-123456789abc"});
    let missing = ada.post(&path, body).await;
    assert_eq!(unpublished.status, 404);
    assert_eq!(unpublished.anonymised(), missing.anonymised());
}

#[tokio::test]
async fn an_application_registers_for_versions_of_its_own_strategy_only() {
    let (desk, published, mut ada, _) = stage().await;
    let other = desk
        .post(
            "/v2/application-auth-strategies",
            json!({"name": "other", "display_name": "Other", "strategy_type": "key_auth",
                   "configs": {"key-auth": {"key_names": ["x-key"]}}}),
        )
        .await;
    let body = json!({"name": "Other", "auth_strategy_id": other["id"]});
    let application = ada.post("/applications", body).await.expect(201);
    let path = format!(
        "/applications/{}/registrations",
        application["id"].as_str().unwrap()
    );
    let body = json!({"product_version_id": published.version});
    let refused = ada.post(&path, body).await.expect(400);
    assert_eq!(
        refused["invalid_parameters"][0]["field"],
        "product_version_id"
    );
}

#[tokio::test]
async fn a_developer_cannot_approve() {
    let (_desk, published, mut ada, application) = stage().await;
    let path = format!("{application}/registrations");
    let body = json!({"product_version_id": published.version, "status": "approved"});
    let refused = ada.post(&path, body).await.expect(400);
    assert_eq!(refused["invalid_parameters"][0]["field"], "status");
    let path = ada.register(&application, &published).await;
    let reply = ada.patch(&path, json!({"status": "approved"})).await;
    reply.expect(405);
    assert_eq!(ada.get(&path).await.expect(200)["status"], "pending");
}

#[tokio::test]
async fn registrations_are_found_by_what_they_are_for() {
    let (_desk, published, mut ada, application) = stage().await;
    let path = ada.register(&application, &published).await;
    let id = path.rsplit('/').next().unwrap();
    for (query, expected) in [
        (format!("filter[id]={id}"), 1),
        ("filter[status]=pending".to_owned(), 1),
        ("filter[status]=approved".to_owned(), 0),
        ("filter[product_name]=Mock".to_owned(), 1),
        ("filter[product_name][contains]=OC".to_owned(), 1),
        ("filter[product_version_name][contains]=V2".to_owned(), 0),
    ] {
        let path = format!("{application}/registrations?{query}");
        let total = ada.get(&path).await.expect(200)["meta"]["page"]["total"].clone();
        assert_eq!(total, expected, "{query}");
    }
    let odd = format!("{application}/registrations?filter[status]=odd");
    ada.get(&odd).await.expect(400);
}
