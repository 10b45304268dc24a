//! `/api/v2/developer/authenticate`, `/refresh`, `/logout` and `/me`

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::portal::browser::{Browser, PASSWORD, add_developer};

const ADA: &str = "ada@example.test";
const MINUTE_MS: i64 = 60 * 1000;

#[tokio::test]
async fn logging_in_sets_cookies_that_scripts_cannot_read() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let reply = ada.log_in(ADA, PASSWORD).await;
    assert_eq!(reply.status, 204);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let cookies = reply.cookies();
    let expected = [
        ("portalaccesstoken", "Path=/api", "Max-Age=1800"),
        (
            "portalrefreshtoken",
            "Path=/api/v2/developer/refresh",
            "Max-Age=86400",
        ),
        (
            "__Host-keystile-portal-device",
            "Path=/",
            "Max-Age=15552000",
        ),
    ];
    assert_eq!(cookies.len(), expected.len());
    for ((name, cookie), (expected, path, age)) in cookies.iter().zip(expected) {
        assert_eq!(name, expected);
        let attributes = ["HttpOnly", "SameSite=Strict", "Secure", path, age];
        assert_eq!(cookie.attributes, attributes, "{name}");
    }
}

#[tokio::test]
async fn each_log_in_has_secrets_of_its_own() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let before = ada.cookies["portalaccesstoken"].value.clone();
    ada.log_in(ADA, PASSWORD).await.expect(204);
    assert_ne!(ada.cookies["portalaccesstoken"].value, before);
}

#[tokio::test]
async fn whoever_is_logged_in_sees_themselves() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let me = ada.get("/developer/me").await.expect(200);
    assert_eq!(
        me,
        json!({
            "id": me["id"], "email": ADA, "full_name": "Ada Lovelace",
            "created_at": "2025-11-11T00:18:50.120Z", "updated_at": "2025-11-11T00:18:50.120Z",
        })
    );
    let nobody = Browser::new(&desk).get("/developer/me").await.expect(401);
    assert_eq!(nobody["title"], "Unauthorized", "front-ends show the title");
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_get_the_same_answer() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    add_developer(&desk, "new@example.test").await;
    let wrong = ada.log_in(ADA, "wrong password").await;
    let unknown = ada.log_in("nobody@example.test", PASSWORD).await;
    let without = ada.log_in("new@example.test", PASSWORD).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.anonymised(), unknown.anonymised());
    assert_eq!(wrong.anonymised(), without.anonymised());
    assert_eq!(wrong.cookies().len(), 0);
}

#[tokio::test]
async fn only_the_right_password_reveals_that_an_account_is_disabled() {
    let desk = Desk::on_sqlite().await;
    let portal = desk.get("/v2/portals").await["data"][0]["id"].clone();
    let developer = add_developer(&desk, ADA).await;
    let mut ada = Browser::new(&desk);
    ada.set_password(&desk, ADA, PASSWORD).await;
    let path = format!(
        "/v2/portals/{}/developers/{}",
        portal.as_str().unwrap(),
        developer["id"].as_str().unwrap()
    );
    desk.patch(&path, json!({"status": "revoked"})).await;
    let right = ada.log_in(ADA, PASSWORD).await.expect(401);
    assert!(
        right["title"].as_str().unwrap().contains("disabled"),
        "front-ends say `pending approval` for this title: {right}"
    );
    let wrong = ada.log_in(ADA, "wrong password").await.expect(401);
    assert_eq!(wrong["title"], "Unauthorized");
}

#[tokio::test]
async fn a_revoked_developers_sessions_die_at_once() {
    let desk = Desk::on_sqlite().await;
    let portal = desk.get("/v2/portals").await["data"][0]["id"].clone();
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let me = ada.get("/developer/me").await.expect(200);
    let path = format!(
        "/v2/portals/{}/developers/{}",
        portal.as_str().unwrap(),
        me["id"].as_str().unwrap()
    );
    desk.patch(&path, json!({"status": "revoked"})).await;
    ada.get("/developer/me").await.expect(401);
    ada.post("/developer/refresh", Value::Null)
        .await
        .expect(401);
    desk.patch(&path, json!({"status": "approved"})).await;
    ada.get("/developer/me").await.expect(401);
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_and_is_refreshed_for_a_day() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    desk.advance_ms(30 * MINUTE_MS - 1);
    ada.get("/developer/me").await.expect(200);
    desk.advance_ms(1);
    ada.get("/developer/me").await.expect(401);
    ada.post("/developer/refresh", Value::Null)
        .await
        .expect(204);
    ada.get("/developer/me").await.expect(200);
    desk.advance_ms(24 * 60 * MINUTE_MS - 30 * MINUTE_MS - 1);
    ada.post("/developer/refresh", Value::Null)
        .await
        .expect(204);
    desk.advance_ms(1);
    ada.get("/developer/me").await.expect(401);
    ada.post("/developer/refresh", Value::Null)
        .await
        .expect(401);
}

#[tokio::test]
async fn two_tabs_may_refresh_at_once() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let shared = ada.cookies.clone();
    ada.post("/developer/refresh", Value::Null)
        .await
        .expect(204);
    let rotated = ada.cookies.clone();
    ada.cookies = shared;
    let second = ada.post("/developer/refresh", Value::Null).await;
    assert_eq!(second.status, 204);
    assert_eq!(second.cookies().len(), 1, "the first tab has the next one");
    ada.cookies = rotated;
    ada.post("/developer/refresh", Value::Null)
        .await
        .expect(204);
}

#[tokio::test]
async fn a_refresh_cookie_in_two_hands_ends_the_log_in() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let mut thief = Browser::new(&desk);
    thief.cookies = ada.cookies.clone();
    ada.post("/developer/refresh", Value::Null)
        .await
        .expect(204);
    desk.advance_ms(MINUTE_MS);
    let refused = thief.post("/developer/refresh", Value::Null).await;
    assert_eq!(refused.status, 401);
    ada.get("/developer/me").await.expect(401);
    ada.post("/developer/refresh", Value::Null)
        .await
        .expect(401);
}

#[tokio::test]
async fn one_kind_of_cookie_is_not_taken_for_the_other() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let refresh = ada.cookies["portalrefreshtoken"].value.clone();
    let access = ada.cookies["portalaccesstoken"].value.clone();
    ada.cookies.get_mut("portalaccesstoken").unwrap().value = refresh;
    ada.cookies.get_mut("portalrefreshtoken").unwrap().value = access;
    ada.get("/developer/me").await.expect(401);
    ada.post("/developer/refresh", Value::Null)
        .await
        .expect(401);
}

#[tokio::test]
async fn logging_out_ends_both_sessions_of_this_log_in_and_no_other() {
    let desk = Desk::on_sqlite().await;
    let mut laptop = Browser::of_developer(&desk, ADA).await;
    let mut phone = Browser::new(&desk);
    phone.log_in(ADA, PASSWORD).await.expect(204);
    let stolen = laptop.cookies.clone();
    laptop
        .post("/developer/logout", Value::Null)
        .await
        .expect(204);
    let kept: Vec<_> = laptop.cookies.keys().collect();
    assert_eq!(
        kept,
        ["__Host-keystile-portal-device"],
        "the browser forgets both cookies and is no stranger next time"
    );
    laptop.cookies = stolen;
    laptop.get("/developer/me").await.expect(401);
    laptop
        .post("/developer/refresh", Value::Null)
        .await
        .expect(401);
    phone.get("/developer/me").await.expect(200);
}

#[tokio::test]
async fn logging_out_is_no_failure_when_nobody_is_logged_in() {
    let desk = Desk::on_sqlite().await;
    let mut nobody = Browser::new(&desk);
    nobody
        .post("/developer/logout", Value::Null)
        .await
        .expect(204);
}
