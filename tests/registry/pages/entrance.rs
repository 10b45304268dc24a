//! Signing up, logging in and out, and what goes wrong with it.

use serde_json::json;

use crate::desk::Desk;
use crate::pages::reader::Reader;
use crate::pages::{ADA, developer, welcome};
use crate::portal::browser::{PASSWORD, link};

const HOUR_MS: i64 = 60 * 60 * 1000;
const SESSION: &str = "__Host-keystile-portal";

#[tokio::test]
async fn whoever_signs_up_chooses_a_password_by_the_mailed_link_and_is_logged_in() {
    let desk = Desk::on_sqlite().await;
    let portal = desk.publish().await.portal;
    let body = json!({"auto_approve_developers": true});
    desk.patch(&format!("/v2/portals/{portal}"), body).await;
    let mut reader = Reader::new(&desk);
    let page = reader.open("/sign-up").await;
    let fields = [("full_name", "Ada Lovelace"), ("email", ADA)];
    let page = reader.send(&page, "/sign-up", &fields).await;
    assert!(page.text().contains(ADA));
    assert!(
        page.text().contains("outbox"),
        "without a mail server it says where the link is"
    );
    let mut reader = welcome(&desk, ADA).await;
    assert_eq!(reader.open("/").await.all(".tile h2"), ["Mock"]);
}

#[tokio::test]
async fn a_password_that_cannot_be_chosen_does_not_use_the_link_up() {
    let desk = Desk::on_sqlite().await;
    crate::portal::browser::add_developer(&desk, ADA).await;
    let mut reader = Reader::new(&desk);
    let link = link(&desk, ADA).await.unwrap();
    let page = reader.open(link.split_once(":8003").unwrap().1).await;
    let page = reader
        .send(&page, "/welcome", &[("password", "short")])
        .await;
    assert_eq!(page.status, 422);
    assert_eq!(
        page.all("#password-error"),
        ["Must have at least 8 characters."]
    );
    let page = reader
        .send(&page, "/welcome", &[("password", PASSWORD)])
        .await;
    assert_eq!(page.path, "/");
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_the_address_is_kept() {
    let desk = Desk::on_sqlite().await;
    developer(&desk, ADA).await;
    let mut reader = Reader::new(&desk);
    let page = reader.open("/login").await;
    let fields = [("email", ADA), ("password", "wrong")];
    let page = reader.send(&page, "/login", &fields).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.attribute("#email", "value"), [ADA]);
    let expected = "The e-mail address or the password is wrong.";
    assert_eq!(page.all("#password-error"), [expected]);
    assert!(
        !page.html.contains("wrong\""),
        "a password is not shown again"
    );
}

#[tokio::test]
async fn only_who_knows_the_password_learns_that_the_account_waits() {
    let desk = Desk::on_sqlite().await;
    let mut reader = Reader::new(&desk);
    let page = reader.open("/sign-up").await;
    let fields = [("full_name", "Ada"), ("email", ADA)];
    reader.send(&page, "/sign-up", &fields).await;
    let link = link(&desk, ADA).await.unwrap();
    let page = reader.open(link.split_once(":8003").unwrap().1).await;
    let page = reader
        .send(&page, "/welcome", &[("password", PASSWORD)])
        .await;
    assert_eq!(page.all("h1"), ["Waiting for approval"]);
    let page = reader.open("/login").await;
    let wrong = [("email", ADA), ("password", "wrong")];
    let page = reader.send(&page, "/login", &wrong).await;
    assert!(!page.text().contains("approv"), "{}", page.text());
}

#[tokio::test]
async fn a_log_in_gets_a_secret_of_its_own_and_the_one_before_is_worth_nothing() {
    let desk = Desk::on_sqlite().await;
    developer(&desk, ADA).await;
    let mut reader = Reader::new(&desk);
    let page = reader.open("/login").await;
    let before = reader.cookies.clone();
    let fields = [("email", ADA), ("password", PASSWORD)];
    let page = reader.send(&page, "/login", &fields).await;
    assert_eq!(page.path, "/");
    assert!(
        !before
            .values()
            .any(|value| *value == reader.cookies[SESSION])
    );
    let mut stranger = Reader::new(&desk);
    for value in before.into_values() {
        stranger.cookies.insert(SESSION.to_owned(), value);
        assert_eq!(stranger.open("/account").await.all("h1"), ["Log in"]);
    }
}

#[tokio::test]
async fn after_a_log_out_the_old_cookie_opens_nothing() {
    let desk = Desk::on_sqlite().await;
    let mut reader = developer(&desk, ADA).await;
    let old = reader.cookies[SESSION].clone();
    let page = reader.open("/account").await;
    let page = reader.send(&page, "/logout", &[]).await;
    assert_eq!(page.all(".flash"), ["You are logged out."]);
    reader.cookies.insert(SESSION.to_owned(), old);
    assert_eq!(reader.open("/account").await.all("h1"), ["Log in"]);
}

#[tokio::test]
async fn a_log_in_that_is_over_leads_back_to_where_it_was() {
    let desk = Desk::on_sqlite().await;
    let mut reader = developer(&desk, ADA).await;
    let form = reader.open("/applications/new").await;
    desk.advance_ms(40 * 24 * HOUR_MS);
    let typed = [("name", "Weather"), ("description", "Rain\n\"soon\"")];
    let page = reader.send(&form, "/applications/new", &typed).await;
    assert_eq!(page.all("h1"), ["Log in"]);
    assert!(page.all(".flash")[0].contains("over"));
    let wrong = [("email", ADA), ("password", "not this one")];
    let page = reader.send(&page, "/login", &wrong).await;
    let fields = [("email", ADA), ("password", PASSWORD)];
    let page = reader.send(&page, "/login", &fields).await;
    assert_eq!(page.path, "/applications/new");
    assert_eq!(page.attribute("#name", "value"), ["Weather"]);
    assert_eq!(page.all("#description"), ["Rain \"soon\""]);
    assert!(page.all(".flash")[0].contains("not sent yet"));
}

#[tokio::test]
async fn nothing_is_kept_of_what_another_site_sends() {
    let desk = Desk::on_sqlite().await;
    let mut reader = developer(&desk, ADA).await;
    let form = reader.open("/applications/new").await;
    desk.advance_ms(40 * 24 * HOUR_MS);
    reader.origin = Some("https://evil.example");
    let typed = [("name", "Weather")];
    let page = reader.send(&form, "/applications/new", &typed).await;
    assert!(!page.html.contains("kept."), "{}", page.html);
}

#[tokio::test]
async fn a_log_in_leads_to_no_other_site() {
    let desk = Desk::on_sqlite().await;
    developer(&desk, ADA).await;
    for evil in [
        "//evil.example",
        "/%5Cevil.example",
        "javascript:alert(1)",
        "https://evil.example",
    ] {
        let mut reader = Reader::new(&desk);
        let page = reader.open(&format!("/login?return_to={evil}")).await;
        let fields = [("email", ADA), ("password", PASSWORD)];
        let page = reader.send(&page, "/login", &fields).await;
        assert_eq!(page.path, "/", "{evil}");
    }
}

#[tokio::test]
async fn a_public_portal_has_no_accounts_and_no_register_and_says_why() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let body = json!({"is_public": true});
    desk.patch(&format!("/v2/portals/{}", published.portal), body)
        .await;
    let mut reader = Reader::new(&desk);
    let page = reader.open(&crate::pages::version_path(&published)).await;
    assert!(!page.offers("Register"));
    assert!(page.text().contains("This portal is public"));
    assert!(!page.html.contains("/sign-up"));
    assert_eq!(reader.open("/applications").await.path, "/");
}
