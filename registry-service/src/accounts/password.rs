//! Forgetting a password, setting one, changing it.

use crate::accounts::attempt::{begin_again, remember};
use crate::accounts::even::evenly;
use crate::accounts::mail::{send_link, tries, withdraw_links};
use crate::accounts::{AccountError, follow};
use crate::domain::access::Actor;
use crate::domain::client::{Client, DeviceSecret};
use crate::domain::developer::{Developer, DeveloperStatus};
use crate::domain::link::{LinkPurpose, LinkSecret};
use crate::domain::mail::MailTemplate;
use crate::domain::password::{Password, PasswordHash, Salt};
use crate::domain::session::SignedIn;
use crate::domain::text::Email;
use crate::hashing::HashingError;
use crate::registry::Registry;
use crate::storage::account::Account;
use crate::storage::{Deed, StorageError, Write, account, device, session};

/// Mails the link that sets a new password, if the address has an account.
///
/// An address nobody proved gets the link that proves it instead.
pub async fn forgot_password(
    registry: &Registry,
    email: &Email,
    client: &Client,
) -> Result<(), AccountError> {
    evenly(send_if_known(registry, email, client)).await
}

async fn send_if_known(
    registry: &Registry,
    email: &Email,
    client: &Client,
) -> Result<(), AccountError> {
    let now = registry.clock.now();
    registry.throttle.take(&tries(email, client), now)?;
    let mut write = registry.storage.write(Actor::Registry, now).await?;
    // Without an account there is a write too: the disk may take longer than is waited for anyway.
    let subject = match account::find_by_email(&mut write, email).await? {
        None => String::new(),
        Some(account) => {
            let template = match account.developer.status {
                DeveloperStatus::Unverified => MailTemplate::ConfirmEmailAddress,
                _ => MailTemplate::ResetPassword,
            };
            send_link(registry, &mut write, (&account.developer, template)).await?;
            account.developer.id.to_string()
        }
    };
    let deed = Deed::new("developer.forgot-password", subject);
    write.commit(deed).await?;
    Ok(())
}

/// Sets the password of whoever a link was sent to. Every link of this kind stops working, and
/// every log-in ends.
///
/// Whoever followed the link is the developer, so their browser is no stranger at the log-in that
/// follows.
pub async fn reset_password(
    registry: &Registry,
    secret: LinkSecret,
    text: String,
) -> Result<DeviceSecret, AccountError> {
    let purpose = LinkPurpose::ResetPassword;
    let password = Password::choose(text)?;
    let now = registry.clock.now();
    let mut snapshot = registry.storage.read().await?;
    // An unknown link costs no hashing, and the actor is known before the write begins.
    let known = follow(&mut snapshot, (secret, purpose), now).await?;
    drop(snapshot);
    let hash = hash(registry, password).await?;
    let actor = Actor::Developer(known.developer.id);
    let mut write = registry.storage.write(actor, now).await?;
    let Account { developer, .. } = follow(&mut write, (secret, purpose), now).await?;
    set(&mut write, &developer, &hash).await?;
    forget_browsers(&mut write, &developer).await?;
    let device = remember(registry, &mut write, (developer.id, None)).await?;
    let deed = Deed::new("developer.reset-password", developer.id);
    write.commit(deed).await?;
    Ok(device)
}

/// Sets another password for a developer who gives the old one. Links that set a password stop
/// working, and every other log-in ends.
pub async fn change_password(
    registry: &Registry,
    signed_in: SignedIn,
    (old, text): (Password, String),
) -> Result<(), AccountError> {
    let password = Password::choose(text)?;
    let hash = hash(registry, password).await?;
    let (mut write, Account { developer, .. }) = begin_again(registry, signed_in, old).await?;
    set(&mut write, &developer, &hash).await?;
    session::end_others(&mut write, developer.id, signed_in.login()).await?;
    let deed = Deed::new("developer.change-password", developer.id);
    write.commit(deed).await?;
    Ok(())
}

/// Keeps a new password; links that would set another stop working.
async fn set(
    write: &mut Write,
    developer: &Developer,
    hash: &PasswordHash,
) -> Result<(), StorageError> {
    withdraw_links(write, developer, LinkPurpose::ResetPassword).await?;
    account::set_password(write, developer.id, hash).await
}

/// Ends every log-in, and takes no browser for the developer's any more.
async fn forget_browsers(write: &mut Write, developer: &Developer) -> Result<(), StorageError> {
    session::end_all(write, developer.id).await?;
    device::forget_all(write, developer.id).await
}

async fn hash(registry: &Registry, password: Password) -> Result<PasswordHash, HashingError> {
    // A UUID is a very good salt (PHC string format, section "Function duties").
    let salt = Salt(registry.random.uuid().into_bytes());
    registry.hashing.hash(password, salt).await
}
