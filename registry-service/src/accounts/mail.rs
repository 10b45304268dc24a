//! The mails that carry links.
//!
//! They wait in the outbox to be sent; without a mail server an administrator reads the link there and
//! hands it on. So the outbox holds it in the clear until it is sent, used or replaced; everywhere else
//! there is only its digest.

use crate::domain::client::Client;
use crate::domain::developer::Developer;
use crate::domain::link::{Link, LinkPurpose, LinkSecret};
use crate::domain::mail::MailTemplate;
use crate::domain::text::Email;
use crate::domain::throttle::{Limit, Try};
use crate::mail::Letter;
use crate::mail::letter::page;
use crate::registry::Registry;
use crate::storage::{Result, Write, link, outbox};

/// Sends a developer whom an administrator added the link that verifies the address and leads to a
/// password.
pub async fn invite(registry: &Registry, write: &mut Write, developer: &Developer) -> Result<()> {
    let template = MailTemplate::DeveloperInvitation;
    send_link(registry, write, (developer, template)).await
}

/// Sends a developer a new link; earlier ones for its purpose stop working.
pub(super) async fn send_link(
    registry: &Registry,
    write: &mut Write,
    (developer, template): (&Developer, MailTemplate),
) -> Result<()> {
    let purpose = match template {
        MailTemplate::ResetPassword => LinkPurpose::ResetPassword,
        _ => LinkPurpose::VerifyEmail,
    };
    withdraw_links(write, developer, purpose).await?;
    let secret = new_link(registry, write, developer, purpose).await?;
    let path = match purpose {
        LinkPurpose::VerifyEmail => "/login",
        LinkPurpose::ResetPassword => "/reset-password",
    };
    let mut url = page(registry, path);
    url.query_pairs_mut().append_pair("token", &secret.reveal());
    let letter = Letter::to(developer, template, &url);
    letter.post(registry, write).await
}

/// Makes a link that is not mailed: its secret is the answer.
pub(super) async fn new_link(
    registry: &Registry,
    write: &mut Write,
    developer: &Developer,
    purpose: LinkPurpose,
) -> Result<LinkSecret> {
    let secret = LinkSecret::new(registry.random.uuid());
    let link = Link::new(secret, purpose, developer.id, write.now);
    link::add(write, &link).await?;
    Ok(secret)
}

/// Uses up a developer's links for a purpose and takes them out of the outbox.
pub(super) async fn withdraw_links(
    write: &mut Write,
    developer: &Developer,
    purpose: LinkPurpose,
) -> Result<()> {
    link::spend_all(write, developer.id, purpose).await?;
    let templates: &[MailTemplate] = match purpose {
        LinkPurpose::VerifyEmail => &[
            MailTemplate::ConfirmEmailAddress,
            MailTemplate::DeveloperInvitation,
        ],
        LinkPurpose::ResetPassword => &[MailTemplate::ResetPassword],
    };
    for template in templates {
        outbox::empty(write, &developer.email, *template).await?;
    }
    Ok(())
}

/// Tells whoever reads an address's mail that it has an account already.
pub(super) async fn say_account_exists(
    registry: &Registry,
    write: &mut Write,
    developer: &Developer,
) -> Result<()> {
    let template = MailTemplate::AccountExists;
    outbox::empty(write, &developer.email, template).await?;
    let letter = Letter::to(developer, template, &page(registry, "/login"));
    letter.post(registry, write).await
}

/// Sends the address a developer wants the link that makes it theirs.
pub(super) async fn send_change(
    registry: &Registry,
    write: &mut Write,
    (developer, email, secret): (&Developer, &Email, LinkSecret),
) -> Result<()> {
    let mut url = page(registry, "/confirm-email");
    url.query_pairs_mut().append_pair("token", &secret.reveal());
    let letter = Letter::new(email, MailTemplate::ChangeEmailAddress, &url);
    let letter = letter.saying("full_name", &developer.full_name);
    letter.post(registry, write).await
}

/// Tells a developer's old address that it is theirs no longer.
pub(super) async fn say_address_changed(
    registry: &Registry,
    write: &mut Write,
    developer: &Developer,
) -> Result<()> {
    let template = MailTemplate::EmailAddressChanged;
    let letter = Letter::to(developer, template, &page(registry, "/login"));
    letter.post(registry, write).await
}

/// Returns what counts when somebody asks for a mail with a link.
pub(super) fn tries(email: &Email, client: &Client) -> Vec<Try> {
    let mut tries = vec![Try {
        limit: Limit::Mail,
        subject: email.key(),
    }];
    tries.extend(client.network().map(|network| Try {
        limit: Limit::NetworkMail,
        subject: network.to_string(),
    }));
    tries
}
