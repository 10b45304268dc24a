//! Forgetting a password, and setting one.

use crate::accounts::mail::{send_link, withdraw_links};
use crate::accounts::{AccountError, follow};
use crate::domain::access::Actor;
use crate::domain::developer::DeveloperStatus;
use crate::domain::link::{LinkPurpose, LinkSecret};
use crate::domain::mail::MailTemplate;
use crate::domain::password::{Password, Salt};
use crate::domain::text::Email;
use crate::registry::Registry;
use crate::storage::account::Account;
use crate::storage::{Deed, StorageError, account, session};

/// Mails the link that sets a new password, if the address has an account.
///
/// An address nobody proved gets the link that proves it instead.
pub async fn forgot_password(registry: &Registry, email: &Email) -> Result<(), StorageError> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(Actor::Registry, now).await?;
    // Without an account there is a write too, so that it takes as long.
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
pub async fn reset_password(
    registry: &Registry,
    secret: LinkSecret,
    text: String,
) -> Result<(), AccountError> {
    let purpose = LinkPurpose::ResetPassword;
    let password = Password::choose(text)?;
    let now = registry.clock.now();
    let mut snapshot = registry.storage.read().await?;
    // An unknown link costs no hashing, and the actor is known before the write begins.
    let known = follow(&mut snapshot, (secret, purpose), now).await?;
    drop(snapshot);
    // A UUID is a very good salt (PHC string format, section "Function duties").
    let salt = Salt(registry.random.uuid().into_bytes());
    let hash = registry.hashing.hash(password, salt).await?;
    let actor = Actor::Developer(known.developer.id);
    let mut write = registry.storage.write(actor, now).await?;
    let Account { developer, .. } = follow(&mut write, (secret, purpose), now).await?;
    withdraw_links(&mut write, &developer, purpose).await?;
    account::set_password(&mut write, developer.id, &hash).await?;
    session::end_all(&mut write, developer.id).await?;
    let deed = Deed::new("developer.reset-password", developer.id);
    write.commit(deed).await?;
    Ok(())
}
