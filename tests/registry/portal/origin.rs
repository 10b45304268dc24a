//! What browsers send on behalf of other sites

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::portal::browser::Browser;

#[tokio::test]
async fn a_write_that_another_site_sends_has_no_effect() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "http://localhost:8001"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        ada.headers = vec![(name, value.to_owned())];
        ada.post("/developer/logout", Value::Null).await.expect(403);
        ada.headers.clear();
        ada.get("/developer/me").await.expect(200);
    }
}

#[tokio::test]
async fn the_portals_own_pages_may_write() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    ada.headers = vec![
        ("origin", "http://localhost:8003".to_owned()),
        ("sec-fetch-site", "same-origin".to_owned()),
    ];
    ada.post("/developer/logout", Value::Null).await.expect(204);
}

#[tokio::test]
async fn a_body_a_form_could_send_is_refused() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    let application = ada.application(&desk.publish().await).await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded"] {
        ada.headers = vec![("content-type", content_type.to_owned())];
        let path = format!("{application}/credentials");
        let reply = ada
            .send_text("POST", &path, "{\"display_name\": \"x\"}")
            .await;
        reply.expect(415);
    }
    ada.headers.clear();
    let listed = ada.get(&format!("{application}/credentials")).await;
    assert_eq!(listed.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn no_answer_allows_another_site_to_read_it() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    ada.headers = vec![("origin", "https://evil.example".to_owned())];
    let reply = ada.get("/developer/me").await;
    assert!(!reply.headers.contains_key("access-control-allow-origin"));
}
