//! Another address: asked for with the password, true once the link mailed to it was followed.

use crate::accounts::AccountError;
use crate::accounts::attempt::begin_again;
use crate::accounts::even::evenly;
use crate::accounts::mail::{say_account_exists, say_address_changed, send_change, withdraw_links};
use crate::domain::access::Actor;
use crate::domain::developer::Developer;
use crate::domain::id::DeveloperId;
use crate::domain::link::{LinkGone, LinkPurpose, LinkSecret};
use crate::domain::mail::MailTemplate;
use crate::domain::password::Password;
use crate::domain::session::SignedIn;
use crate::domain::text::Email;
use crate::domain::throttle::{Limit, Try};
use crate::registry::Registry;
use crate::storage::account::Account;
use crate::storage::email_change::{self, EmailChange};
use crate::storage::{Deed, StorageError, Write, account, outbox};

/// How long the link works.
const LIFE_MS: i64 = 60 * 60 * 1000;

/// Mails a link to the address a developer wants instead of theirs; an earlier one stops working.
///
/// An address that has an account gets another mail; whoever asks sees no difference.
pub async fn ask_for_email(
    registry: &Registry,
    signed_in: SignedIn,
    wanted: (Email, Password),
) -> Result<(), AccountError> {
    evenly(offer_or_tell(registry, signed_in, wanted)).await
}

async fn offer_or_tell(
    registry: &Registry,
    signed_in: SignedIn,
    (email, password): (Email, Password),
) -> Result<(), AccountError> {
    let tries = [Try {
        limit: Limit::Mail,
        subject: email.key(),
    }];
    registry.throttle.take(&tries, registry.clock.now())?;
    let (mut write, own) = begin_again(registry, signed_in, password).await?;
    let developer = own.developer.id;
    if let Some(old) = email_change::of(&mut write, developer).await? {
        withdraw_change(&mut write, &old).await?;
    }
    match other_with(&mut write, developer, &email).await? {
        Some(other) => say_account_exists(registry, &mut write, &other.developer).await?,
        None => offer(registry, &mut write, (&own.developer, email)).await?,
    }
    let deed = Deed::new("developer.ask-for-email", developer);
    write.commit(deed).await?;
    Ok(())
}

/// Follows the link: the new address is the developer's, the old one is told, and links that were
/// mailed to it stop working.
pub async fn confirm_email(registry: &Registry, secret: LinkSecret) -> Result<Email, AccountError> {
    let mut snapshot = registry.storage.read().await?;
    // An unknown link costs no write, and the actor is known before the write begins.
    let known = email_change::find(&mut snapshot, secret.digest()).await?;
    let known = known.ok_or(AccountError::UnknownLink)?;
    drop(snapshot);
    let actor = Actor::Developer(known.developer);
    let now = registry.clock.now();
    let mut write = registry.storage.write(actor, now).await?;
    let (change, own) = follow_change(&mut write, secret).await?;
    leave_old_address(&mut write, &own).await?;
    withdraw_change(&mut write, &change).await?;
    account::set_email(&mut write, change.developer, &change.email).await?;
    say_address_changed(registry, &mut write, &own).await?;
    let deed = Deed::new("developer.change-email", change.developer);
    write.commit(deed).await?;
    Ok(change.email)
}

/// Keeps the address a developer wants, and mails it the link.
async fn offer(
    registry: &Registry,
    write: &mut Write,
    (developer, email): (&Developer, Email),
) -> Result<(), StorageError> {
    let secret = LinkSecret::new(registry.random.uuid());
    let change = EmailChange {
        developer: developer.id,
        digest: secret.digest(),
        expires_at: write.now.plus_ms(LIFE_MS),
        email,
    };
    email_change::add(write, &change).await?;
    send_change(registry, write, (developer, &change.email, secret)).await
}

/// Reads what a link is about and whose it is, if it still works and the address is still free.
async fn follow_change(
    write: &mut Write,
    secret: LinkSecret,
) -> Result<(EmailChange, Developer), AccountError> {
    let change = email_change::find(write, secret.digest())
        .await?
        .filter(|change| write.now < change.expires_at)
        .ok_or(LinkGone)?;
    let own = account::lookup(write, change.developer).await?;
    let other = other_with(write, change.developer, &change.email).await?;
    match (own, other) {
        (Some(own), None) => Ok((change, own.developer)),
        _ => Err(LinkGone.into()),
    }
}

/// Reads the account of somebody else with an address; a developer may want theirs capitalised
/// otherwise.
async fn other_with(
    write: &mut Write,
    developer: DeveloperId,
    email: &Email,
) -> Result<Option<Account>, StorageError> {
    let found = account::find_by_email(write, email).await?;
    Ok(found.filter(|other| other.developer.id != developer))
}

/// Makes links worthless that were mailed to an address that is no longer the developer's.
async fn leave_old_address(write: &mut Write, developer: &Developer) -> Result<(), StorageError> {
    withdraw_links(write, developer, LinkPurpose::VerifyEmail).await?;
    withdraw_links(write, developer, LinkPurpose::ResetPassword).await
}

/// Forgets a change, and takes its link out of the outbox.
async fn withdraw_change(write: &mut Write, change: &EmailChange) -> Result<(), StorageError> {
    outbox::empty(write, &change.email, MailTemplate::ChangeEmailAddress).await?;
    email_change::remove(write, change.developer).await
}
