//! `/api/ext/v1`: what Konnect's API has no words for

use serde_json::{Value, json};

use crate::desk::{Desk, NOW, Published};
use crate::portal::browser::{Browser, PASSWORD, link_token};
use crate::portal::credentials::known;

const ADA: &str = "ada@example.test";
const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A developer with an application, whose path below either API is the same.
async fn stage() -> (Desk, Published, Browser, String) {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let application = ada.application(&published).await;
    (desk, published, ada, application)
}

fn ext(path: &str) -> String {
    format!("/api/ext/v1{path}")
}

/// Changes what the strategy settles about keys.
async fn settle(desk: &Desk, published: &Published, settings: Value) {
    let mut key_auth = json!({"key_names": ["apikey"]});
    let members = key_auth.as_object_mut().unwrap();
    members.extend(settings.as_object().unwrap().clone());
    let path = format!("/v2/application-auth-strategies/{}", published.strategy);
    desk.patch(&path, json!({"configs": {"key-auth": key_auth}}))
        .await;
}

/// Issues a key and replaces it; returns the old key and the answer.
async fn rotated(ada: &mut Browser, application: &str, rotation: Value) -> (String, Value) {
    let (old, path) = ada.issue(application).await;
    let path = ext(&format!("{path}/rotate"));
    let reply = ada.post(&path, rotation).await;
    assert_eq!(reply.headers["cache-control"], "no-store");
    (old, reply.expect(201))
}

#[tokio::test]
async fn a_key_that_is_replaced_stays_valid_for_the_overlap() {
    let (desk, _, mut ada, application) = stage().await;
    for (overlap, length_ms) in [
        ("1h", HOUR_MS),
        ("24h", DAY_MS),
        ("7d", 7 * DAY_MS),
        ("30d", 30 * DAY_MS),
    ] {
        let (old, new) = rotated(&mut ada, &application, json!({"overlap": overlap})).await;
        assert_eq!(known(&desk, &old).await, Some(Some(NOW.0 + length_ms)));
        let key = new["credential"].as_str().unwrap();
        assert_eq!(known(&desk, key).await, Some(None), "{overlap}");
        assert_eq!(new["display_name"], "API key", "it keeps its name");
    }
}

#[tokio::test]
async fn a_key_that_is_replaced_without_overlap_is_withdrawn() {
    let (desk, _, mut ada, application) = stage().await;
    let (old, _) = rotated(&mut ada, &application, json!({"overlap": "0"})).await;
    assert_eq!(known(&desk, &old).await, None);
    let path = ext(&format!("{application}/credentials"));
    let listed = ada.get(&path).await.expect(200);
    assert_eq!(listed["meta"]["page"]["total"], 1);
}

#[tokio::test]
async fn no_overlap_lets_a_key_outlive_its_end() {
    let (desk, published, mut ada, application) = stage().await;
    settle(
        &desk,
        &published,
        json!({"ttl": {"value": 1, "unit": "days"}}),
    )
    .await;
    let (old, new) = rotated(&mut ada, &application, json!({"overlap": "30d"})).await;
    assert_eq!(known(&desk, &old).await, Some(Some(NOW.0 + DAY_MS)));
    let key = new["credential"].as_str().unwrap();
    assert_eq!(known(&desk, key).await, Some(Some(NOW.0 + DAY_MS)));
}

#[tokio::test]
async fn only_the_overlaps_there_are_can_be_chosen() {
    let (_desk, _, mut ada, application) = stage().await;
    let (_, path) = ada.issue(&application).await;
    let path = ext(&format!("{path}/rotate"));
    for body in [json!({}), json!({"overlap": "2h"}), json!({"overlap": 0})] {
        let refused = ada.post(&path, body).await.expect(400);
        assert_eq!(refused["invalid_parameters"][0]["field"], "overlap");
    }
}

#[tokio::test]
async fn a_suspended_key_is_not_replaced() {
    let (desk, _, mut ada, application) = stage().await;
    let (_, path) = ada.issue(&application).await;
    let admin = format!("/admin/v1{path}");
    desk.patch(&admin, json!({"suspended": true})).await;
    let rotate = ext(&format!("{path}/rotate"));
    let body = json!({"overlap": "1h"});
    ada.post(&rotate, body).await.expect(409);
}

#[tokio::test]
async fn a_developer_chooses_when_a_key_ends_within_what_the_strategy_allows() {
    let (desk, published, mut ada, application) = stage().await;
    let path = ext(&format!("{application}/credentials"));
    let until = |moment: &str| json!({"expires_at": moment});
    let issued = ada.post(&path, until("2025-11-12T00:00:00.000Z")).await;
    let issued = issued.expect(201);
    assert_eq!(issued["expires_at"], "2025-11-12T00:00:00.000Z");
    let key = issued["credential"].as_str().unwrap();
    assert!(known(&desk, key).await.unwrap().is_some());
    settle(
        &desk,
        &published,
        json!({"ttl": {"value": 1, "unit": "days"}}),
    )
    .await;
    for late in ["2025-11-11T00:18:50.120Z", "2025-11-12T00:18:50.121Z"] {
        let refused = ada.post(&path, until(late)).await.expect(400);
        assert_eq!(refused["invalid_parameters"][0]["field"], "expires_at");
    }
}

#[tokio::test]
async fn a_list_of_keys_shows_how_they_look_and_when_they_end_and_no_key() {
    let (_desk, _, mut ada, application) = stage().await;
    let (key, _) = ada.issue(&application).await;
    let path = ext(&format!("{application}/credentials"));
    let listed = ada.get(&path).await;
    assert!(!listed.text.contains(&key));
    let item = listed.expect(200)["data"][0].clone();
    assert_eq!(item["prefix"], key[..4]);
    assert_eq!(item["last_four"], key[key.len() - 4..]);
    assert_eq!(item["expires_at"], Value::Null);
    assert_eq!(item["last_used_at"], Value::Null);
}

#[tokio::test]
async fn an_application_begins_with_a_key_where_the_strategy_says_so_and_never_by_konnects_api() {
    let (desk, published, mut ada, _) = stage().await;
    let body = json!({"name": "First", "auth_strategy_id": published.strategy});
    let without = ada.post(&ext("/applications"), body.clone()).await;
    assert_eq!(without.expect(201)["default_credential"], Value::Null);
    settle(&desk, &published, json!({"default_credential": true})).await;
    let added = ada
        .post(&ext("/applications"), body.clone())
        .await
        .expect(201);
    let key = added["default_credential"]["credential"].as_str().unwrap();
    assert!(known(&desk, key).await.is_some());
    let konnects = ada.post("/applications", body).await.expect(201);
    assert_eq!(konnects.get("default_credential"), None);
    let path = format!(
        "/applications/{}/credentials",
        konnects["id"].as_str().unwrap()
    );
    let listed = ada.get(&path).await.expect(200);
    assert_eq!(listed["meta"]["page"]["total"], 0);
}

#[tokio::test]
async fn a_message_goes_with_a_request_and_a_reason_comes_back() {
    let (desk, published, mut ada, application) = stage().await;
    let path = ext(&format!("{application}/registrations"));
    let body = json!({"product_version_id": published.version, "message": "for the weather"});
    let asked = ada.post(&path, body).await.expect(201);
    assert_eq!(asked["message"], "for the weather");
    let admin = format!(
        "/v2/portals/{}{application}/registrations/{}",
        published.portal,
        asked["id"].as_str().unwrap()
    );
    assert_eq!(desk.get(&admin).await["message"], "for the weather");
    let decision = json!({"status": "rejected", "reason": "no weather here"});
    desk.patch(&admin, decision).await;
    let listed = ada.get(&path).await.expect(200);
    assert_eq!(listed["data"][0]["reason"], "no weather here");
}

#[tokio::test]
async fn a_developer_sees_and_ends_log_ins() {
    let (desk, ..) = stage().await;
    let mut laptop = Browser::new(&desk);
    laptop.log_in(ADA, PASSWORD).await.expect(204);
    let mut phone = Browser::new(&desk);
    phone.headers.push(("user-agent", "phone".to_owned()));
    phone.log_in(ADA, PASSWORD).await.expect(204);
    let listed = laptop.get(&ext("/sessions")).await.expect(200);
    let sessions = listed["data"].as_array().unwrap();
    let phones = |session: &&Value| session["user_agent"] == "phone";
    let one = sessions.iter().find(phones).unwrap();
    assert_eq!(
        (&one["type"], &one["current"]),
        (&json!("api"), &json!(false))
    );
    let path = ext(&format!("/sessions/{}", one["id"].as_str().unwrap()));
    laptop.delete(&path).await.expect(204);
    phone.get("/developer/me").await.expect(401);
    laptop.delete(&path).await.expect(404);
    laptop.delete(&ext("/sessions")).await.expect(204);
    let left = laptop.get(&ext("/sessions")).await.expect(200);
    assert_eq!(left["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_account_is_changed_and_left_with_its_password_alone() {
    let (desk, _, mut ada, _) = stage().await;
    let wrong = json!({"current_password": "wrong", "password": "another correct horse"});
    ada.put(&ext("/account/password"), wrong).await.expect(401);
    let right = json!({"current_password": PASSWORD, "password": "another correct horse"});
    ada.put(&ext("/account/password"), right).await.expect(204);
    let wish = json!({"email": "new@example.test", "current_password": "another correct horse"});
    ada.put(&ext("/account/email"), wish).await.expect(204);
    let token = link_token(&desk, "new@example.test").await;
    let confirm = json!({"token": token});
    let confirmed = ada.post(&ext("/account/email/confirm"), confirm).await;
    assert_eq!(confirmed.expect(200)["email"], "new@example.test");
    let leave = json!({"current_password": "another correct horse"});
    ada.send("DELETE", &ext("/account"), leave)
        .await
        .expect(204);
    ada.get("/developer/me").await.expect(401);
}

#[tokio::test]
async fn anothers_things_are_as_missing_as_things_that_never_were() {
    let (desk, published, mut ada, application) = stage().await;
    let (_, credential) = ada.issue(&application).await;
    let mut bob = Browser::of_developer(&desk, "bob@example.test").await;
    let never = "/applications/8f0ba4a4-1b2c-4d5e-8f90-123456789abc";
    for (method, path, body) in [
        ("GET", "/credentials".to_owned(), Value::Null),
        ("POST", "/credentials".to_owned(), json!({})),
        ("GET", "/registrations".to_owned(), Value::Null),
        (
            "POST",
            "/registrations".to_owned(),
            json!({"product_version_id": published.version}),
        ),
        (
            "POST",
            format!("{}/rotate", &credential[application.len()..]),
            json!({"overlap": "0"}),
        ),
    ] {
        let adas = ext(&format!("{application}{path}"));
        let by_bob = bob.send(method, &adas, body.clone()).await;
        assert_eq!(by_bob.status, 404, "{method} {path}");
        let missing = ext(&format!("{never}{path}"));
        let to_nothing = bob.send(method, &missing, body.clone()).await;
        assert_eq!(by_bob.anonymised(), to_nothing.anonymised(), "{path}");
        let by_nobody = Browser::new(&desk).send(method, &adas, body).await;
        assert_eq!(by_nobody.status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn another_site_changes_nothing_here_either() {
    let (_desk, _, mut ada, application) = stage().await;
    let origin = ("origin", "https://evil.example".to_owned());
    ada.headers.push(origin);
    let path = ext(&format!("{application}/credentials"));
    ada.post(&path, json!({})).await.expect(403);
}

#[tokio::test]
async fn what_is_not_a_developers_to_decide_is_refused() {
    let (_desk, _, mut ada, application) = stage().await;
    for (path, field) in [
        ("/applications".to_owned(), "developer_id"),
        (format!("{application}/credentials"), "key"),
        (format!("{application}/registrations"), "status"),
        ("/account/password".to_owned(), "developer_id"),
    ] {
        let method = if path.starts_with("/account") {
            "PUT"
        } else {
            "POST"
        };
        let body = json!({field: "x"});
        let refused = ada.send(method, &ext(&path), body).await.expect(400);
        assert_eq!(refused["invalid_parameters"][0]["field"], field, "{path}");
    }
}
