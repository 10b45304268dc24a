//! `/admin/v1/administrators`, and administrators' own log-ins on pages.

use keystile_registry::accounts::administrator::{self, Login};
use keystile_registry::accounts::{AccountError, Attempt};
use keystile_registry::administration::credentials::{self, NewCredential};
use keystile_registry::administration::{Acting, AdministrationError};
use keystile_registry::domain::client::Client;
use keystile_registry::domain::link::LinkSecret;
use keystile_registry::domain::password::Password;
use keystile_registry::domain::text::Email;
use keystile_registry::operator;
use serde_json::{Value, json};

use crate::desk::Desk;

const GRACE: &str = "grace@example.test";
const PASSWORD: &str = "correct horse battery staple";
const MINUTE_MS: i64 = 60 * 1000;

/// Adds an administrator; returns their path and the secret of their link.
async fn invite(desk: &Desk, role: &str) -> (String, LinkSecret) {
    let new = json!({"email": GRACE, "role": role});
    let made = desk.post("/admin/v1/administrators", new).await;
    let path = format!("/admin/v1/administrators/{}", made["id"].as_str().unwrap());
    (path, secret(&made))
}

fn secret(invitation: &Value) -> LinkSecret {
    let (_, secret) = invitation["link"]
        .as_str()
        .unwrap()
        .split_once("token=")
        .unwrap();
    secret.parse().unwrap()
}

async fn attempt(desk: &Desk, password: &str, client: Client) -> Result<Login, AccountError> {
    let attempt = Attempt {
        email: Email::parse(GRACE).unwrap(),
        password: Password::attempt(password),
        client,
    };
    administrator::log_in(&desk.registry, attempt).await
}

/// An administrator who is logged in.
async fn grace(desk: &Desk, role: &str) -> Login {
    let (_, link) = invite(desk, role).await;
    administrator::set_password(&desk.registry, link, PASSWORD.to_owned())
        .await
        .unwrap();
    attempt(desk, PASSWORD, Client::default()).await.unwrap()
}

async fn is_logged_in(desk: &Desk, login: &Login) -> bool {
    let found = administrator::visit(&desk.registry, &login.secret).await;
    found.unwrap().is_some()
}

#[tokio::test]
async fn the_one_time_link_sets_the_password_once() {
    let desk = Desk::on_sqlite().await;
    let (path, link) = invite(&desk, "operator").await;
    let early = attempt(&desk, PASSWORD, Client::default()).await;
    assert!(matches!(early, Err(AccountError::WrongPassword)));
    let whose = administrator::welcome(&desk.registry, link).await.unwrap();
    assert_eq!(whose.email.as_str(), GRACE);
    let short = administrator::set_password(&desk.registry, link, "short".to_owned()).await;
    assert!(matches!(short, Err(AccountError::InvalidPassword(_))));
    let set = || administrator::set_password(&desk.registry, link, PASSWORD.to_owned());
    set().await.unwrap();
    assert!(matches!(set().await, Err(AccountError::LinkGone(_))));
    assert_eq!(desk.get(&path).await["has_password"], true);
    attempt(&desk, PASSWORD, Client::default()).await.unwrap();
}

#[tokio::test]
async fn a_link_ends_after_a_day_or_when_another_takes_its_place() {
    let desk = Desk::on_sqlite().await;
    let (path, first) = invite(&desk, "operator").await;
    let again = desk.post(&format!("{path}/link"), json!({})).await;
    let gone = administrator::welcome(&desk.registry, first).await;
    assert!(matches!(gone, Err(AccountError::LinkGone(_))));
    administrator::welcome(&desk.registry, secret(&again))
        .await
        .unwrap();
    desk.advance_ms(24 * 60 * MINUTE_MS);
    let late = administrator::welcome(&desk.registry, secret(&again)).await;
    assert!(matches!(late, Err(AccountError::LinkGone(_))));
}

#[tokio::test]
async fn a_new_password_and_a_log_out_end_log_ins() {
    let desk = Desk::on_sqlite().await;
    let first = grace(&desk, "operator").await;
    let second = attempt(&desk, PASSWORD, Client::default()).await.unwrap();
    let present = second.present.signed_in;
    let passwords = (Password::attempt(PASSWORD), format!("{PASSWORD} two"));
    administrator::change_password(&desk.registry, present, passwords)
        .await
        .unwrap();
    assert!(!is_logged_in(&desk, &first).await, "others end");
    assert!(is_logged_in(&desk, &second).await, "this one goes on");
    administrator::log_out(&desk.registry, &second.secret)
        .await
        .unwrap();
    assert!(!is_logged_in(&desk, &second).await);
}

#[tokio::test]
async fn who_is_removed_is_logged_out_and_their_tokens_end() {
    let desk = Desk::on_sqlite().await;
    let login = grace(&desk, "owner").await;
    let acting = Acting::new(
        desk.registry.clone(),
        login.present.administrator(desk.registry.clock.now()),
    );
    let new = serde_json::from_value(json!({"name": "hers", "scopes": ["admin"]})).unwrap();
    let token = keystile_registry::administration::tokens::add(&acting, new)
        .await
        .unwrap();
    let ask = async || {
        let path = ("GET", "/v2/portals");
        desk.admin_as(&token.secret, path, Value::Null).await.status
    };
    assert_eq!(ask().await, 200);
    let path = format!("/admin/v1/administrators/{}", login.present.admin.id);
    desk.delete(&path).await;
    assert!(!is_logged_in(&desk, &login).await);
    assert_eq!(ask().await, 401);
}

#[tokio::test]
async fn the_last_owner_stays() {
    let desk = Desk::on_sqlite().await;
    let owner = desk.get("/admin/v1/administrators").await["data"][0].clone();
    let path = format!("/admin/v1/administrators/{}", owner["id"].as_str().unwrap());
    desk.admin("DELETE", &path, Value::Null).await.expect(409);
    let demote = json!({"role": "operator"});
    desk.admin("PATCH", &path, demote.clone()).await.expect(409);
    invite(&desk, "owner").await;
    desk.patch(&path, demote).await;
    desk.admin("DELETE", &path, Value::Null).await.expect(403);
}

#[tokio::test]
async fn a_page_makes_a_key_only_within_an_hour_of_the_password() {
    let desk = Desk::on_sqlite().await;
    let login = grace(&desk, "operator").await;
    let application = desk.application("one").await;
    let issue = async |login: &Login| {
        let now = desk.registry.clock.now();
        let present = administrator::visit(&desk.registry, &login.secret).await;
        let by = present.unwrap().unwrap().administrator(now);
        let acting = Acting::new(desk.registry.clone(), by);
        credentials::add(&acting, application, NewCredential::default()).await
    };
    issue(&login).await.unwrap();
    for _ in 0..3 {
        desk.advance_ms(20 * MINUTE_MS);
        assert!(is_logged_in(&desk, &login).await);
    }
    let late = issue(&login).await;
    assert!(matches!(late, Err(AdministrationError::PasswordNeeded)));
    let right = Password::attempt(PASSWORD);
    let again = administrator::authenticate_again(&desk.registry, &login.secret, right)
        .await
        .unwrap();
    issue(&again).await.unwrap();
    assert!(!is_logged_in(&desk, &login).await, "the old cookie is dead");
}

#[tokio::test]
async fn guessing_is_slowed_down_and_locks_nobody_out() {
    let desk = Desk::on_sqlite().await;
    let login = grace(&desk, "owner").await;
    for _ in 0..10 {
        let wrong = attempt(&desk, "a wrong guess", Client::default()).await;
        assert!(matches!(wrong, Err(AccountError::WrongPassword)));
    }
    let stranger = attempt(&desk, PASSWORD, Client::default()).await;
    assert!(matches!(stranger, Err(AccountError::TooManyTries(_))));
    let known = Client {
        device: login.device,
        ..Client::default()
    };
    attempt(&desk, PASSWORD, known).await.unwrap();
}

#[tokio::test]
async fn the_operator_lists_tokens_and_revokes_one() {
    let desk = Desk::on_sqlite().await;
    let tokens = operator::list_tokens(&desk.registry).await.unwrap();
    assert_eq!(tokens.len(), 2);
    let admin = tokens
        .iter()
        .find(|token| token.scopes == [keystile_registry::domain::access::Scope::Admin]);
    operator::revoke_token(&desk.registry, admin.unwrap().id)
        .await
        .unwrap();
    desk.admin("GET", "/v2/portals", Value::Null)
        .await
        .expect(401);
}
