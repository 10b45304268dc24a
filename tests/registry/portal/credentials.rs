//! `/api/v2/applications/{application}/credentials`

use keystile_protocol::key::{self, ApiKey};
use keystile_protocol::state::Entry;
use serde_json::{Value, json};

use crate::desk::{Desk, NOW, Published};
use crate::portal::browser::Browser;

/// A developer with an application.
async fn stage() -> (Desk, Published, Browser, String) {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    let application = ada.application(&published).await;
    (desk, published, ada, application)
}

/// Whether the gateways know a key, and when they think it expires.
pub(super) async fn known(desk: &Desk, key: &str) -> Option<Option<i64>> {
    let digest = ApiKey::new(key).digest();
    let entries = desk.everything().await;
    entries.iter().find_map(|entry| match entry {
        Entry::Credential(credential) if credential.digest == digest => {
            Some(credential.expires_at_ms)
        }
        _ => None,
    })
}

#[tokio::test]
async fn a_key_is_shown_once() {
    let (desk, _, mut ada, application) = stage().await;
    let path = format!("{application}/credentials");
    let body = json!({"display_name": "laptop"});
    let reply = ada.post(&path, body).await;
    assert_eq!(reply.headers["cache-control"], "no-store");
    let issued = reply.expect(201);
    let issued_key = issued["credential"].as_str().unwrap();
    assert!(key::is_well_formed("ks", issued_key.as_bytes()));
    assert_eq!(
        issued,
        json!({"id": issued["id"], "display_name": "laptop", "credential": issued_key})
    );
    assert!(known(&desk, issued_key).await.is_some());
    let page = json!({"number": 1, "size": 10, "total": 1});
    assert_eq!(
        ada.get(&path).await.expect(200),
        json!({
            "data": [{"id": issued["id"], "display_name": "laptop"}],
            "meta": {"page": page},
        })
    );
}

#[tokio::test]
async fn a_key_needs_no_name() {
    let (_desk, _, mut ada, application) = stage().await;
    let path = format!("{application}/credentials");
    for body in [Value::Null, json!({}), json!({"display_name": ""})] {
        let issued = ada.post(&path, body).await.expect(201);
        assert_eq!(issued["display_name"], "API key");
    }
}

#[tokio::test]
async fn renaming_answers_an_empty_200() {
    let (_desk, _, mut ada, application) = stage().await;
    let (_, path) = ada.issue(&application).await;
    let reply = ada.put(&path, json!({"display_name": "phone"})).await;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, ""));
    let listed = ada.get(&format!("{application}/credentials")).await;
    assert_eq!(listed.expect(200)["data"][0]["display_name"], "phone");
    ada.put(&path, json!({})).await.expect(400);
}

#[tokio::test]
async fn a_withdrawn_key_is_unknown_to_the_gateways_and_its_siblings_go_on() {
    let (desk, _, mut ada, application) = stage().await;
    let (first, path) = ada.issue(&application).await;
    let (second, _) = ada.issue(&application).await;
    ada.delete(&path).await.expect(204);
    ada.delete(&path).await.expect(404);
    assert_eq!(known(&desk, &first).await, None);
    assert!(known(&desk, &second).await.is_some());
}

#[tokio::test]
async fn a_removed_applications_keys_go_with_it() {
    let (desk, published, mut ada, application) = stage().await;
    let (first, _) = ada.issue(&application).await;
    ada.register(&application, &published).await;
    ada.delete(&application).await.expect(204);
    assert_eq!(known(&desk, &first).await, None);
}

#[tokio::test]
async fn a_key_lives_as_long_as_its_strategy_says() {
    let (desk, published, mut ada, application) = stage().await;
    let path = format!("/v2/application-auth-strategies/{}", published.strategy);
    let ttl = json!({"key_names": ["apikey"], "ttl": {"value": 2, "unit": "days"}});
    desk.patch(&path, json!({"configs": {"key-auth": ttl}}))
        .await;
    let (key, _) = ada.issue(&application).await;
    let end = NOW.0 + 2 * 24 * 60 * 60 * 1000;
    assert_eq!(known(&desk, &key).await, Some(Some(end)));
}

#[tokio::test]
async fn an_application_has_twenty_credentials_at_most() {
    let (_desk, _, mut ada, application) = stage().await;
    for _ in 0..20 {
        ada.issue(&application).await;
    }
    let path = format!("{application}/credentials");
    ada.post(&path, json!({})).await.expect(403);
    let listed = ada.get(&path).await.expect(200);
    assert_eq!(listed["meta"]["page"]["total"], 20);
}
