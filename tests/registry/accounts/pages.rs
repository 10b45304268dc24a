//! Log-ins on pages: how long they last, what ends them, what they do not do.

use keystile_registry::accounts::{self, AccountError};
use keystile_registry::domain::id::{ApplicationId, DeveloperId};
use keystile_registry::domain::password::Password;
use keystile_registry::domain::session::{SessionKind, SignedIn};
use keystile_registry::self_service::credential::{self, CredentialError, NewCredential};
use serde_json::json;

use crate::accounts::{ADA, MINUTE_MS, OTHER_PASSWORD, ada, attempt, log_in, visit};
use crate::desk::Desk;
use crate::portal::browser::{Browser, PASSWORD};

/// An application that a developer of the API made.
async fn application(desk: &Desk) -> ApplicationId {
    let published = desk.publish().await;
    let mut browser = Browser::new(desk);
    browser.log_in(ADA, PASSWORD).await.expect(204);
    let path = browser.application(&published).await;
    path.rsplit('/').next().unwrap().parse().unwrap()
}

async fn issue(
    desk: &Desk,
    signed_in: SignedIn,
    application: ApplicationId,
) -> Result<(), CredentialError> {
    let new = (application, NewCredential::default());
    let issued = credential::issue(&desk.registry, signed_in, new).await;
    issued.map(drop)
}

#[tokio::test]
async fn a_log_in_lasts_while_it_is_used_and_survives_a_restart() {
    let desk = Desk::on_sqlite().await;
    let ada = ada(&desk).await;
    for _ in 0..3 {
        desk.advance_ms(29 * MINUTE_MS);
        assert!(visit(&desk, &ada.secret).await.is_some());
    }
    let again = desk.beside().await;
    again.advance_ms(3 * 29 * MINUTE_MS);
    again.advance_ms(29 * MINUTE_MS);
    assert!(visit(&again, &ada.secret).await.is_some());
    again.advance_ms(30 * MINUTE_MS);
    assert!(visit(&again, &ada.secret).await.is_none());
}

#[tokio::test]
async fn a_page_session_is_no_session_of_the_api_nor_the_other_way_round() {
    let desk = Desk::on_sqlite().await;
    let ada = ada(&desk).await;
    let mut browser = Browser::new(&desk);
    browser.log_in(ADA, PASSWORD).await.expect(204);
    let access = browser.cookies["portalaccesstoken"].value.clone();
    let api = keystile_registry::domain::session::SessionSecret::new(access);
    assert!(visit(&desk, &api).await.is_none());
    let cookie = browser.cookies.get_mut("portalaccesstoken").unwrap();
    cookie.value = ada.secret.reveal().to_owned();
    browser.get("/developer/me").await.expect(401);
}

#[tokio::test]
async fn a_page_makes_a_secret_only_within_an_hour_of_the_password() {
    let desk = Desk::on_sqlite().await;
    let ada = ada(&desk).await;
    let application = application(&desk).await;
    issue(&desk, ada.signed_in, application).await.unwrap();
    for _ in 0..3 {
        desk.advance_ms(20 * MINUTE_MS);
        visit(&desk, &ada.secret).await.unwrap();
    }
    let signed_in = visit(&desk, &ada.secret).await.unwrap();
    let late = issue(&desk, signed_in, application).await;
    assert!(matches!(late, Err(CredentialError::LoginTooOld)));
    let wrong = Password::attempt(OTHER_PASSWORD);
    let refused = accounts::authenticate_again::<DeveloperId>(&desk.registry, &ada.secret, wrong);
    let refused = refused.await;
    assert!(matches!(refused, Err(AccountError::WrongPassword)));
    let right = Password::attempt(PASSWORD);
    let again = accounts::authenticate_again(&desk.registry, &ada.secret, right).await;
    let again = again.unwrap();
    issue(&desk, again.signed_in, application).await.unwrap();
    assert!(
        visit(&desk, &ada.secret).await.is_none(),
        "a cookie that was stolen before is worth nothing"
    );
}

#[tokio::test]
async fn a_developer_sees_log_ins_and_ends_them() {
    let desk = Desk::on_sqlite().await;
    let one = ada(&desk).await;
    desk.advance_ms(MINUTE_MS);
    let two = log_in(&desk, ADA).await;
    desk.advance_ms(MINUTE_MS);
    let mut browser = Browser::new(&desk);
    let agent = ("user-agent", "curl/8".to_owned());
    browser.headers.push(agent);
    browser.log_in(ADA, PASSWORD).await.expect(204);
    let logins = accounts::logins(&desk.registry, one.signed_in)
        .await
        .unwrap();
    let kinds: Vec<_> = logins.iter().map(|login| login.kind).collect();
    assert_eq!(
        kinds,
        [SessionKind::Access, SessionKind::Page, SessionKind::Page]
    );
    assert_eq!(logins[0].agent.as_ref().unwrap().as_str(), "curl/8");
    assert_eq!(logins[1].id, two.signed_in.login());
    let ended = accounts::end_login(&desk.registry, one.signed_in, two.signed_in.login());
    ended.await.unwrap();
    assert!(visit(&desk, &two.secret).await.is_none());
    browser.get("/developer/me").await.expect(200);
    let ended = accounts::end_other_logins(&desk.registry, one.signed_in);
    ended.await.unwrap();
    browser.get("/developer/me").await.expect(401);
    assert!(visit(&desk, &one.secret).await.is_some());
}

#[tokio::test]
async fn anothers_log_in_is_as_unknown_as_none() {
    let desk = Desk::on_sqlite().await;
    let ada = ada(&desk).await;
    super::developer(&desk, "bob@example.test").await;
    let bob = log_in(&desk, "bob@example.test").await;
    let refused = accounts::end_login(&desk.registry, bob.signed_in, ada.signed_in.login()).await;
    assert!(matches!(refused, Err(AccountError::UnknownLogin)));
    assert!(visit(&desk, &ada.secret).await.is_some());
}

#[tokio::test]
async fn another_password_needs_the_old_one_and_ends_other_log_ins() {
    let desk = Desk::on_sqlite().await;
    let one = ada(&desk).await;
    let two = log_in(&desk, ADA).await;
    let change = |old: &str| {
        let passwords = (Password::attempt(old), OTHER_PASSWORD.to_owned());
        accounts::change_password(&desk.registry, one.signed_in, passwords)
    };
    let refused = change("not the password").await;
    assert!(matches!(refused, Err(AccountError::WrongPassword)));
    assert!(visit(&desk, &two.secret).await.is_some());
    change(PASSWORD).await.unwrap();
    assert!(visit(&desk, &one.secret).await.is_some());
    assert!(visit(&desk, &two.secret).await.is_none());
    for (password, is_right) in [(PASSWORD, false), (OTHER_PASSWORD, true)] {
        let client = keystile_registry::domain::client::Client::default();
        let outcome = attempt(&desk, (ADA, password), client).await;
        assert_eq!(outcome.is_ok(), is_right, "{password}");
    }
}

#[tokio::test]
async fn logging_out_ends_the_log_in() {
    let desk = Desk::on_sqlite().await;
    let ada = ada(&desk).await;
    let out = accounts::log_out::<DeveloperId>(&desk.registry, &ada.secret, SessionKind::Page);
    out.await.unwrap();
    assert!(visit(&desk, &ada.secret).await.is_none());
}

#[tokio::test]
async fn an_account_that_is_deleted_leaves_no_log_in_and_no_key() {
    let desk = Desk::on_sqlite().await;
    let ada = ada(&desk).await;
    let application = application(&desk).await;
    issue(&desk, ada.signed_in, application).await.unwrap();
    let wrong = Password::attempt(OTHER_PASSWORD);
    let refused = accounts::delete_account(&desk.registry, ada.signed_in, wrong).await;
    assert!(matches!(refused, Err(AccountError::WrongPassword)));
    let right = Password::attempt(PASSWORD);
    let deleted = accounts::delete_account(&desk.registry, ada.signed_in, right);
    deleted.await.unwrap();
    assert!(visit(&desk, &ada.secret).await.is_none());
    let credentials = format!("/admin/v1/applications/{application}/credentials");
    desk.admin("GET", &credentials, json!(null))
        .await
        .expect(404);
    super::developer(&desk, ADA).await;
}
