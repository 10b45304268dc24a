//! What developers do with their accounts, as the pages ask for it.

mod address;
mod pages;
mod throttling;

use keystile_registry::accounts::{self, AccountError, Attempt, PageLogin};
use keystile_registry::domain::client::Client;
use keystile_registry::domain::password::Password;
use keystile_registry::domain::session::{SessionSecret, SignedIn};
use keystile_registry::domain::text::Email;

use crate::desk::Desk;
use crate::portal::browser::{Browser, PASSWORD, add_developer};

pub(crate) const ADA: &str = "ada@example.test";
const OTHER_PASSWORD: &str = "another correct horse";
pub(crate) const MINUTE_MS: i64 = 60 * 1000;

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// A developer with a password, whom nobody has logged in.
pub(crate) async fn developer(desk: &Desk, address: &str) {
    add_developer(desk, address).await;
    let mut browser = Browser::new(desk);
    browser.set_password(desk, address, PASSWORD).await;
}

async fn attempt(
    desk: &Desk,
    (address, password): (&str, &str),
    client: Client,
) -> Result<PageLogin, AccountError> {
    let attempt = Attempt {
        email: email(address),
        password: Password::attempt(password),
        client,
    };
    accounts::log_in_on_page(&desk.registry, attempt).await
}

/// Logs a developer in on a page of a browser nobody knows.
async fn log_in(desk: &Desk, address: &str) -> PageLogin {
    let right = (address, PASSWORD);
    attempt(desk, right, Client::default()).await.unwrap()
}

/// A developer who is logged in on a page.
async fn ada(desk: &Desk) -> PageLogin {
    developer(desk, ADA).await;
    log_in(desk, ADA).await
}

async fn visit(desk: &Desk, secret: &SessionSecret) -> Option<SignedIn> {
    accounts::visit(&desk.registry, secret).await.unwrap()
}

/// Asks for the link that sets a new password.
async fn forget_password(desk: &Desk, address: &str) {
    let (address, client) = (email(address), Client::default());
    accounts::forgot_password(&desk.registry, &address, &client)
        .await
        .unwrap();
}
