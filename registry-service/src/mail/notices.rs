//! Mails that tell people what happened: developers what was decided, administrators what waits for
//! them.

use crate::domain::developer::{Developer, DeveloperStatus};
use crate::domain::mail::MailTemplate;
use crate::domain::registration::RegistrationStatus;
use crate::mail::Letter;
use crate::mail::letter::{desk, page};
use crate::registry::Registry;
use crate::storage::registration::Overview;
use crate::storage::{Result, Write, developer, people};

/// Tells a developer how the account stands.
pub(crate) async fn account_decided(
    registry: &Registry,
    write: &mut Write,
    developer: &Developer,
) -> Result<()> {
    let template = match developer.status {
        DeveloperStatus::Approved => MailTemplate::AccountAccessApproved,
        DeveloperStatus::Rejected => MailTemplate::AccountAccessRejected,
        DeveloperStatus::Revoked => MailTemplate::AccountAccessRevoked,
        DeveloperStatus::Pending | DeveloperStatus::Unverified => return Ok(()),
    };
    let letter = Letter::to(developer, template, &page(registry, "/login"));
    letter.post_if_sent(registry, write).await
}

/// Tells a developer how a registration stands, and why.
pub(crate) async fn registration_decided(
    registry: &Registry,
    write: &mut Write,
    overview: &Overview,
) -> Result<()> {
    let template = match overview.registration.status {
        RegistrationStatus::Approved => MailTemplate::AppRegistrationApproved,
        RegistrationStatus::Rejected => MailTemplate::AppRegistrationRejected,
        RegistrationStatus::Revoked => MailTemplate::AppRegistrationRevoked,
        RegistrationStatus::Pending => return Ok(()),
    };
    // Nobody is told of what happens to an application that an administrator made.
    let Some((id, _)) = &overview.developer else {
        return Ok(());
    };
    let Some(developer) = developer::lookup(write, *id).await? else {
        return Ok(());
    };
    let path = format!("/applications/{}", overview.registration.application);
    let letter = Letter::to(&developer, template, &page(registry, &path));
    about(letter, overview)
        .saying("reason", &overview.registration.reason)
        .post_if_sent(registry, write)
        .await
}

/// Tells administrators that a developer waits for approval.
pub(crate) async fn developer_waits(
    registry: &Registry,
    write: &mut Write,
    developer: &Developer,
) -> Result<()> {
    let link = desk(registry, &format!("/developers/{}", developer.id));
    for address in people::addresses(write).await? {
        Letter::new(&address, MailTemplate::DeveloperWaiting, &link)
            .saying("full_name", &developer.full_name)
            .saying("email", &developer.email)
            .post_if_sent(registry, write)
            .await?;
    }
    Ok(())
}

/// Tells administrators that an application asks for a product version.
pub(crate) async fn registration_waits(
    registry: &Registry,
    write: &mut Write,
    overview: &Overview,
) -> Result<()> {
    let link = desk(registry, "/requests");
    let email = overview.developer.as_ref().map(|(_, email)| email);
    for address in people::addresses(write).await? {
        let letter = Letter::new(&address, MailTemplate::RegistrationWaiting, &link);
        about(letter, overview)
            .saying("email", email)
            .saying("message", &overview.registration.message)
            .post_if_sent(registry, write)
            .await?;
    }
    Ok(())
}

fn about(letter: Letter, overview: &Overview) -> Letter {
    letter
        .saying("application", &overview.application_name)
        .saying("product", &overview.product_name)
        .saying("version", &overview.version_name)
}
