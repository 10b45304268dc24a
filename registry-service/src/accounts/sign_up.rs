//! From a name and an address to a developer who may set a password.

use crate::accounts::even::evenly;
use crate::accounts::mail::{new_link, say_account_exists, send_link, tries, withdraw_links};
use crate::accounts::{AccountError, follow};
use crate::domain::access::Actor;
use crate::domain::client::Client;
use crate::domain::developer::{Developer, DeveloperStatus};
use crate::domain::id::DeveloperId;
use crate::domain::link::{LinkPurpose, LinkSecret};
use crate::domain::mail::MailTemplate;
use crate::domain::text::{Email, Line};
use crate::mail::notices;
use crate::registry::Registry;
use crate::storage::{Deed, StorageError, Write, account, developer, portal};

/// An address that turned out to be its developer's.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The address.
    pub email: Email,
    /// What lets its developer set a password next.
    pub token: LinkSecret,
}

/// Signs a developer up, and mails the link that proves the address.
///
/// An address that has an account gets another mail; whoever asks sees no difference.
pub async fn sign_up(
    registry: &Registry,
    who: (Email, Line<256>),
    client: &Client,
) -> Result<(), AccountError> {
    evenly(add_or_tell(registry, who, client)).await
}

async fn add_or_tell(
    registry: &Registry,
    (email, full_name): (Email, Line<256>),
    client: &Client,
) -> Result<(), AccountError> {
    let now = registry.clock.now();
    registry.throttle.take(&tries(&email, client), now)?;
    let mut write = registry.storage.write(Actor::Registry, now).await?;
    let known = account::find_by_email(&mut write, &email).await?;
    let developer = match known {
        Some(account) if account.developer.status != DeveloperStatus::Unverified => {
            say_account_exists(registry, &mut write, &account.developer).await?;
            let deed = Deed::new("developer.sign-up-again", account.developer.id);
            write.commit(deed).await?;
            return Ok(());
        }
        Some(account) => account.developer,
        None => {
            let developer = Developer {
                id: DeveloperId(registry.random.uuid()),
                email,
                full_name,
                status: DeveloperStatus::Unverified,
                created_at: now,
                updated_at: now,
            };
            developer::add(&mut write, &developer).await?;
            developer
        }
    };
    let mail = (&developer, MailTemplate::ConfirmEmailAddress);
    send_link(registry, &mut write, mail).await?;
    let deed = Deed::new("developer.sign-up", developer.id);
    write.commit(deed).await?;
    Ok(())
}

/// Follows the link of a confirmation or an invitation: the address is its developer's, who waits
/// for approval from here on, or is approved if the portal says so.
pub async fn verify_email(
    registry: &Registry,
    secret: LinkSecret,
) -> Result<Verified, AccountError> {
    let now = registry.clock.now();
    let purpose = LinkPurpose::VerifyEmail;
    let mut write = registry.storage.write(Actor::Registry, now).await?;
    let account = follow(&mut write, (secret, purpose), now).await?;
    let mut developer = account.developer;
    withdraw_links(&mut write, &developer, purpose).await?;
    if developer.status == DeveloperStatus::Unverified {
        admit(registry, &mut write, &mut developer).await?;
    }
    let token = new_link(registry, &mut write, &developer, LinkPurpose::ResetPassword).await?;
    let deed = Deed::new("developer.verify-email", developer.id);
    write.commit(deed).await?;
    Ok(Verified {
        email: developer.email,
        token,
    })
}

/// Lets a developer whose address is proved wait for approval, or approves them if the portal says so.
async fn admit(
    registry: &Registry,
    write: &mut Write,
    developer: &mut Developer,
) -> Result<(), StorageError> {
    let portal = portal::lookup(write).await?;
    developer.updated_at = write.now;
    if portal.auto_approve_developers {
        developer.status = DeveloperStatus::Approved;
    } else {
        developer.status = DeveloperStatus::Pending;
        notices::developer_waits(registry, write, developer).await?;
    }
    developer::update(write, developer).await
}
