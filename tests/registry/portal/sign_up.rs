//! `/api/v2/developer`, `/verify-email`, `/forgot-password` and `/reset-password`

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::portal::browser::{Browser, PASSWORD, link, link_token};

const ADA: &str = "ada@example.test";
const HOUR_MS: i64 = 60 * 60 * 1000;

async fn sign_up(browser: &mut Browser, email: &str) {
    let body = json!({"email": email, "full_name": "Ada Lovelace"});
    let reply = browser.post("/developer", body).await;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (201, ""));
}

async fn settle(desk: &Desk, changes: Value) {
    let portal = desk.get("/v2/portals").await["data"][0]["id"].clone();
    let path = format!("/v2/portals/{}", portal.as_str().unwrap());
    desk.patch(&path, changes).await;
}

#[tokio::test]
async fn a_developer_signs_up_and_logs_in_where_the_portal_approves_everyone() {
    let desk = Desk::on_sqlite().await;
    settle(&desk, json!({"auto_approve_developers": true})).await;
    let mut ada = Browser::new(&desk);
    sign_up(&mut ada, ADA).await;
    let link = link(&desk, ADA).await.unwrap();
    assert!(
        link.starts_with("http://localhost:8003/login?token="),
        "front-ends know this page: {link}"
    );
    ada.set_password(&desk, ADA, PASSWORD).await;
    ada.log_in(ADA, PASSWORD).await.expect(204);
}

#[tokio::test]
async fn a_developer_waits_for_approval_where_the_portal_asks_for_it() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::new(&desk);
    sign_up(&mut ada, ADA).await;
    ada.set_password(&desk, ADA, PASSWORD).await;
    let waiting = ada.log_in(ADA, PASSWORD).await.expect(401);
    assert_eq!(waiting["title"], "Account disabled");
}

#[tokio::test]
async fn verifying_answers_the_address_and_a_token() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::new(&desk);
    sign_up(&mut ada, ADA).await;
    let body = json!({"token": link_token(&desk, ADA).await});
    let verified = ada.post("/developer/verify-email", body).await.expect(202);
    assert_eq!(verified, json!({"email": ADA, "token": verified["token"]}));
    assert_eq!(verified["token"].as_str().unwrap().len(), 36, "a UUID");
}

#[tokio::test]
async fn signing_up_again_gets_the_same_answer_and_another_mail() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    desk.advance_ms(1);
    sign_up(&mut ada, "ADA@example.test").await;
    let outbox = desk.get("/admin/v1/outbox").await;
    assert_eq!(outbox["data"][0]["template"], "account-exists");
    let link = link(&desk, ADA).await.unwrap();
    assert!(!link.contains("token"), "{link}");
    ada.log_in(ADA, PASSWORD).await.expect(204);
}

#[tokio::test]
async fn a_link_works_once() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::new(&desk);
    sign_up(&mut ada, ADA).await;
    let token = json!({"token": link_token(&desk, ADA).await});
    let verified = ada.post("/developer/verify-email", token.clone()).await;
    let verified = verified.expect(202);
    ada.post("/developer/verify-email", token).await.expect(410);
    let body = json!({"token": verified["token"], "password": PASSWORD});
    ada.post("/developer/reset-password", body.clone())
        .await
        .expect(204);
    ada.post("/developer/reset-password", body)
        .await
        .expect(410);
}

#[tokio::test]
async fn a_link_is_in_the_outbox_until_it_is_used() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::new(&desk);
    sign_up(&mut ada, ADA).await;
    assert!(link(&desk, ADA).await.is_some());
    ada.set_password(&desk, ADA, PASSWORD).await;
    assert_eq!(link(&desk, ADA).await, None);
}

#[tokio::test]
async fn a_newer_link_replaces_an_older_one() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::new(&desk);
    sign_up(&mut ada, ADA).await;
    let older = json!({"token": link_token(&desk, ADA).await});
    sign_up(&mut ada, ADA).await;
    ada.post("/developer/verify-email", older).await.expect(410);
    let newer = json!({"token": link_token(&desk, ADA).await});
    ada.post("/developer/verify-email", newer).await.expect(202);
}

#[tokio::test]
async fn a_reset_link_runs_out_within_the_hour() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let body = json!({"email": ADA});
    ada.post("/developer/forgot-password", body)
        .await
        .expect(200);
    let body = json!({"token": link_token(&desk, ADA).await, "password": "another password"});
    desk.advance_ms(HOUR_MS);
    ada.post("/developer/reset-password", body)
        .await
        .expect(410);
}

#[tokio::test]
async fn tokens_that_were_never_sent_are_not_found_and_no_uuids_are_refused() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::new(&desk);
    let unknown = json!({"token": "8f0ba4a4-1b2c-4d5e-8f90-123456789abc"});
    ada.post("/developer/verify-email", unknown)
        .await
        .expect(404);
    let reply = ada
        .post("/developer/verify-email", json!({"token": "x"}))
        .await;
    assert_eq!(reply.expect(400)["invalid_parameters"][0]["field"], "token");
}

#[tokio::test]
async fn a_link_to_verify_does_not_set_a_password() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::new(&desk);
    sign_up(&mut ada, ADA).await;
    let body = json!({"token": link_token(&desk, ADA).await, "password": PASSWORD});
    ada.post("/developer/reset-password", body)
        .await
        .expect(404);
}

#[tokio::test]
async fn a_common_password_is_refused_and_the_link_goes_on_working() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let body = json!({"email": ADA});
    ada.post("/developer/forgot-password", body)
        .await
        .expect(200);
    let token = link_token(&desk, ADA).await;
    for password in ["short", "Password123"] {
        let body = json!({"token": token, "password": password});
        let refused = ada
            .post("/developer/reset-password", body)
            .await
            .expect(400);
        assert_eq!(refused["invalid_parameters"][0]["field"], "password");
        assert!(!refused.to_string().contains(password), "{refused}");
    }
    let body = json!({"token": token, "password": "another password"});
    ada.post("/developer/reset-password", body)
        .await
        .expect(204);
}

#[tokio::test]
async fn a_new_password_ends_every_log_in() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let body = json!({"email": ADA});
    ada.post("/developer/forgot-password", body)
        .await
        .expect(200);
    let link = link(&desk, ADA).await.unwrap();
    assert!(link.starts_with("http://localhost:8003/reset-password?token="));
    let body = json!({"token": link_token(&desk, ADA).await, "password": "another password"});
    ada.post("/developer/reset-password", body)
        .await
        .expect(204);
    ada.get("/developer/me").await.expect(401);
    ada.log_in(ADA, PASSWORD).await.expect(401);
    ada.log_in(ADA, "another password").await.expect(204);
}

#[tokio::test]
async fn forgetting_the_password_of_an_unknown_address_gets_the_same_answer_and_no_mail() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let known = ada
        .post("/developer/forgot-password", json!({"email": ADA}))
        .await;
    let unknown = ada
        .post(
            "/developer/forgot-password",
            json!({"email": "x@example.test"}),
        )
        .await;
    assert_eq!(known.status, 200);
    assert_eq!(known.anonymised(), unknown.anonymised());
    assert_eq!(link(&desk, "x@example.test").await, None);
}

#[tokio::test]
async fn a_link_follows_from_the_settings_and_from_no_header() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::new(&desk);
    for name in ["host", "x-forwarded-host", "forwarded"] {
        ada.headers.push((name, "host=evil.example".to_owned()));
    }
    sign_up(&mut ada, ADA).await;
    let link = link(&desk, ADA).await.unwrap();
    assert!(link.starts_with("http://localhost:8003/"), "{link}");
}

#[tokio::test]
async fn what_a_developer_may_not_decide_has_no_effect() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::new(&desk);
    let body =
        json!({"email": ADA, "full_name": "Ada", "status": "approved", "password": PASSWORD});
    ada.post("/developer", body).await.expect(201);
    ada.log_in(ADA, PASSWORD).await.expect(401);
    ada.set_password(&desk, ADA, PASSWORD).await;
    let waiting = ada.log_in(ADA, PASSWORD).await.expect(401);
    assert_eq!(waiting["title"], "Account disabled");
}

#[tokio::test]
async fn a_name_and_an_address_are_required() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::new(&desk);
    for (body, field) in [
        (json!({"email": ADA}), "full_name"),
        (json!({"email": ADA, "full_name": ""}), "full_name"),
        (json!({"email": "ada", "full_name": "Ada"}), "email"),
    ] {
        let refused = ada.post("/developer", body).await.expect(400);
        assert_eq!(
            refused["invalid_parameters"][0]["field"], field,
            "{refused}"
        );
    }
}
