//! Another address: true once its reader says so.

use keystile_registry::accounts::{self, AccountError};
use keystile_registry::domain::client::Client;
use keystile_registry::domain::link::LinkSecret;
use keystile_registry::domain::password::Password;

use crate::accounts::{
    ADA, MINUTE_MS, OTHER_PASSWORD, ada, attempt, developer, email, forget_password, log_in,
};
use crate::desk::Desk;
use crate::portal::browser::{PASSWORD, link, link_token};

const NEW: &str = "lovelace@example.test";

async fn ask(
    desk: &Desk,
    signed_in: keystile_registry::domain::session::SignedIn,
    (address, password): (&str, &str),
) -> Result<(), AccountError> {
    let wish = (email(address), Password::attempt(password));
    accounts::ask_for_email(&desk.registry, signed_in, wish).await
}

async fn secret(desk: &Desk, address: &str) -> LinkSecret {
    link_token(desk, address).await.parse().unwrap()
}

async fn confirm(desk: &Desk, secret: LinkSecret) -> Result<(), AccountError> {
    let confirmed = accounts::confirm_email(&desk.registry, secret).await;
    confirmed.map(drop)
}

#[tokio::test]
async fn a_new_address_is_the_developers_once_its_link_was_followed_and_the_old_one_is_told() {
    let desk = Desk::on_sqlite().await;
    let ada = ada(&desk).await;
    let refused = ask(&desk, ada.signed_in, (NEW, OTHER_PASSWORD)).await;
    assert!(matches!(refused, Err(AccountError::WrongPassword)));
    ask(&desk, ada.signed_in, (NEW, PASSWORD)).await.unwrap();
    log_in(&desk, ADA).await;
    let secret = secret(&desk, NEW).await;
    confirm(&desk, secret).await.unwrap();
    log_in(&desk, NEW).await;
    let old = attempt(&desk, (ADA, PASSWORD), Client::default()).await;
    assert!(matches!(old, Err(AccountError::WrongPassword)));
    assert!(link(&desk, ADA).await.unwrap().ends_with("/login"));
    let twice = confirm(&desk, secret).await;
    assert!(matches!(twice, Err(AccountError::UnknownLink)));
}

#[tokio::test]
async fn a_link_that_sets_a_password_does_not_outlive_the_address_it_was_mailed_to() {
    let desk = Desk::on_sqlite().await;
    let ada = ada(&desk).await;
    forget_password(&desk, ADA).await;
    let reset = secret(&desk, ADA).await;
    ask(&desk, ada.signed_in, (NEW, PASSWORD)).await.unwrap();
    let change = secret(&desk, NEW).await;
    confirm(&desk, change).await.unwrap();
    let text = OTHER_PASSWORD.to_owned();
    let refused = accounts::reset_password(&desk.registry, reset, text).await;
    assert!(matches!(refused, Err(AccountError::LinkGone(_))));
}

#[tokio::test]
async fn an_address_that_has_an_account_gets_the_same_answer_and_another_mail() {
    let desk = Desk::on_sqlite().await;
    let ada = ada(&desk).await;
    developer(&desk, NEW).await;
    ask(&desk, ada.signed_in, (NEW, PASSWORD)).await.unwrap();
    assert!(link(&desk, NEW).await.unwrap().ends_with("/login"));
}

#[tokio::test]
async fn a_link_works_for_an_hour_and_only_the_latest() {
    let desk = Desk::on_sqlite().await;
    let ada = ada(&desk).await;
    ask(&desk, ada.signed_in, (NEW, PASSWORD)).await.unwrap();
    let first = secret(&desk, NEW).await;
    ask(&desk, ada.signed_in, (NEW, PASSWORD)).await.unwrap();
    let second = secret(&desk, NEW).await;
    let replaced = confirm(&desk, first).await;
    assert!(matches!(replaced, Err(AccountError::UnknownLink)));
    desk.advance_ms(60 * MINUTE_MS);
    let late = confirm(&desk, second).await;
    assert!(matches!(late, Err(AccountError::LinkGone(_))));
}

#[tokio::test]
async fn an_address_somebody_took_in_the_meantime_stays_theirs() {
    let desk = Desk::on_sqlite().await;
    let ada = ada(&desk).await;
    ask(&desk, ada.signed_in, (NEW, PASSWORD)).await.unwrap();
    let change = secret(&desk, NEW).await;
    developer(&desk, NEW).await;
    let refused = confirm(&desk, change).await;
    assert!(matches!(refused, Err(AccountError::LinkGone(_))));
}
