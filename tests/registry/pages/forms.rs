//! Forms that no page of ours sent have no effect.

use serde_json::Value;

use crate::desk::Desk;
use crate::pages::reader::Reader;
use crate::pages::{ADA, developer};

const NEW: &str = "/applications/new";

async fn applications(desk: &Desk) -> Value {
    let portal = desk.get("/v2/portals").await["data"][0]["id"].clone();
    let path = format!("/v2/portals/{}/applications", portal.as_str().unwrap());
    desk.get(&path).await["meta"]["page"]["total"].clone()
}

#[tokio::test]
async fn a_form_from_another_site_has_no_effect() {
    let desk = Desk::on_sqlite().await;
    desk.publish().await;
    let mut reader = developer(&desk, ADA).await;
    let page = reader.open(NEW).await;
    for origin in [
        None,
        Some("null"),
        Some("https://evil.example"),
        Some("http://localhost:8001"),
    ] {
        reader.origin = origin;
        let answer = reader.send(&page, NEW, &[("name", "Evil")]).await;
        assert_eq!(answer.status, 403, "{origin:?}");
        assert_eq!(answer.all("h1"), ["That is not allowed"]);
    }
    assert_eq!(applications(&desk).await, 0);
}

#[tokio::test]
async fn a_form_without_this_browsers_token_has_no_effect() {
    let desk = Desk::on_sqlite().await;
    desk.publish().await;
    let mut ada = developer(&desk, ADA).await;
    let mut eve = developer(&desk, "eve@example.test").await;
    let evil = eve.open(NEW).await;
    let answer = ada.send(&evil, NEW, &[("name", "Evil")]).await;
    assert_eq!(answer.status, 403, "another's token is none");
    let fields = [("name".to_owned(), "Evil".to_owned())];
    assert_eq!(ada.post((NEW, NEW), &fields).await.status, 403);
    assert_eq!(applications(&desk).await, 0);
}

#[tokio::test]
async fn a_log_in_needs_a_token_of_the_browser_that_was_shown_the_form() {
    let desk = Desk::on_sqlite().await;
    developer(&desk, ADA).await;
    let form = Reader::new(&desk).open("/login").await;
    let mut other = Reader::new(&desk);
    let fields = [
        ("email", ADA),
        ("password", crate::portal::browser::PASSWORD),
    ];
    let answer = other.send(&form, "/login", &fields).await;
    assert_eq!(answer.status, 403);
    assert!(!other.cookies.contains_key("__Host-keystile-portal"));
}

#[tokio::test]
async fn what_was_typed_is_shown_again_beside_what_is_wrong_with_it() {
    let desk = Desk::on_sqlite().await;
    let mut reader = Reader::new(&desk);
    let page = reader.open("/sign-up").await;
    let fields = [("full_name", "Ada \"><script>"), ("email", "nonsense")];
    let page = reader.send(&page, "/sign-up", &fields).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.attribute("#full_name", "value"), ["Ada \"><script>"]);
    assert_eq!(page.all("#email-error"), ["Must be an e-mail address."]);
    assert_eq!(page.attribute("#email", "aria-invalid"), ["true"]);
}
