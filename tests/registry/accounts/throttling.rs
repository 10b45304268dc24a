//! How often may be tried, and that nobody is locked out by others' tries.

use std::net::IpAddr;

use keystile_registry::accounts::{self, AccountError};
use keystile_registry::domain::client::Client;
use keystile_registry::domain::text::Line;
use serde_json::json;

use crate::accounts::{
    ADA, MINUTE_MS, OTHER_PASSWORD, ada, attempt, developer, email, forget_password,
};
use crate::desk::Desk;
use crate::portal::browser::{Browser, PASSWORD, link_token};

const WRONG: &str = "not the password";

fn from(address: impl Into<IpAddr>) -> Client {
    Client {
        address: Some(address.into()),
        ..Client::default()
    }
}

/// Tries out a thousand passwords, each from another address; says how many were looked at.
async fn guess(desk: &Desk, address: &str) -> usize {
    let mut judged = 0;
    for number in 0..1000_u32 {
        let client = from([
            203,
            0,
            u8::try_from(number / 250).unwrap(),
            u8::try_from(number % 250).unwrap(),
        ]);
        match attempt(desk, (address, WRONG), client).await {
            Err(AccountError::WrongPassword) => judged += 1,
            Err(AccountError::TooManyTries(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    judged
}

#[tokio::test]
async fn guesses_from_many_addresses_are_few_and_lock_nobody_out() {
    let desk = Desk::on_sqlite().await;
    let known = ada(&desk).await.device;
    assert_eq!(guess(&desk, ADA).await, 10);
    let stranger = attempt(&desk, (ADA, PASSWORD), from([192, 0, 2, 1])).await;
    assert!(matches!(stranger, Err(AccountError::TooManyTries(_))));
    let client = Client {
        device: known,
        ..from([192, 0, 2, 1])
    };
    attempt(&desk, (ADA, PASSWORD), client).await.unwrap();
}

#[tokio::test]
async fn an_unknown_account_is_guessed_at_as_often_as_a_known_one() {
    let desk = Desk::on_sqlite().await;
    assert_eq!(guess(&desk, "nobody@example.test").await, 10);
}

#[tokio::test]
async fn a_device_is_known_for_its_developer_alone_and_has_an_allowance_too() {
    let desk = Desk::on_sqlite().await;
    let client = Client {
        device: ada(&desk).await.device,
        ..Client::default()
    };
    let bob = "bob@example.test";
    developer(&desk, bob).await;
    guess(&desk, bob).await;
    let anothers = attempt(&desk, (bob, PASSWORD), client.clone()).await;
    assert!(matches!(anothers, Err(AccountError::TooManyTries(_))));
    for _ in 0..10 {
        let wrong = attempt(&desk, (ADA, WRONG), client.clone()).await;
        assert!(matches!(wrong, Err(AccountError::WrongPassword)));
    }
    let refused = attempt(&desk, (ADA, PASSWORD), client).await;
    assert!(matches!(refused, Err(AccountError::TooManyTries(_))));
}

#[tokio::test]
async fn whoever_sets_a_new_password_is_no_stranger_at_the_log_in() {
    let desk = Desk::on_sqlite().await;
    developer(&desk, ADA).await;
    guess(&desk, ADA).await;
    forget_password(&desk, ADA).await;
    let secret = link_token(&desk, ADA).await.parse().unwrap();
    let text = OTHER_PASSWORD.to_owned();
    let device = accounts::reset_password(&desk.registry, secret, text).await;
    let client = Client {
        device: Some(device.unwrap()),
        ..Client::default()
    };
    let login = attempt(&desk, (ADA, OTHER_PASSWORD), client).await;
    login.unwrap();
}

#[tokio::test]
async fn an_allowance_fills_up_again() {
    let desk = Desk::on_sqlite().await;
    developer(&desk, ADA).await;
    guess(&desk, ADA).await;
    desk.advance_ms(MINUTE_MS);
    let login = attempt(&desk, (ADA, PASSWORD), Client::default()).await;
    login.unwrap();
}

#[tokio::test]
async fn right_passwords_are_no_guesses() {
    let desk = Desk::on_sqlite().await;
    developer(&desk, ADA).await;
    for _ in 0..15 {
        let login = attempt(&desk, (ADA, PASSWORD), Client::default()).await;
        login.unwrap();
    }
}

#[tokio::test]
async fn a_network_that_guesses_at_many_accounts_is_slowed_down() {
    let desk = Desk::on_sqlite().await;
    let mut judged = 0;
    for number in 0..100 {
        let address = format!("{number}@example.test");
        let client = from([192, 0, 2, 1]);
        let outcome = attempt(&desk, (&address, WRONG), client).await;
        judged += usize::from(matches!(outcome, Err(AccountError::WrongPassword)));
    }
    assert_eq!(judged, 50);
    let elsewhere = attempt(&desk, ("99@example.test", WRONG), from([192, 0, 2, 2])).await;
    assert!(matches!(elsewhere, Err(AccountError::WrongPassword)));
}

#[tokio::test]
async fn an_address_gets_few_mails_whether_it_has_an_account_or_not() {
    let desk = Desk::on_sqlite().await;
    developer(&desk, ADA).await;
    for address in [ADA, "nobody@example.test"] {
        let mut browser = Browser::new(&desk);
        for _ in 0..5 {
            let body = json!({"email": address});
            browser
                .post("/developer/forgot-password", body)
                .await
                .expect(200);
        }
        let body = json!({"email": address});
        let refused = browser.post("/developer/forgot-password", body).await;
        assert_eq!(refused.headers["retry-after"], "300", "{address}");
        refused.expect(429);
        let body = json!({"email": address, "full_name": "Ada"});
        browser.post("/developer", body).await.expect(429);
    }
}

#[tokio::test]
async fn a_network_signs_up_few_developers() {
    let desk = Desk::on_sqlite().await;
    let name = || Line::parse("Ada").unwrap();
    let mut signed_up = 0;
    for number in 0..60 {
        let who = (email(&format!("{number}@example.test")), name());
        let client = from([192, 0, 2, 1]);
        let outcome = accounts::sign_up(&desk.registry, who, &client).await;
        signed_up += usize::from(outcome.is_ok());
    }
    assert_eq!(signed_up, 30);
}
