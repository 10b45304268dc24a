//! Mails about the end of keys, from a job that looks now and then; each is written once, however many
//! replicas look.

use std::sync::Weak;
use std::time::Duration;

use crate::domain::access::Actor;
use crate::domain::mail::MailTemplate;
use crate::mail::Letter;
use crate::mail::letter::page;
use crate::registry::Registry;
use crate::storage::reminder::{self, Reminder, ReminderKind};
use crate::storage::{Deed, Result, StorageError, Write};

/// How often it is looked for keys that end.
const INTERVAL: Duration = Duration::from_mins(10);

/// Writes to developers whose keys end, as long as the registry lives.
pub(super) async fn go_on(registry: Weak<Registry>) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        if let Some(registry) = registry.upgrade() {
            let outcome = remind(&registry).await;
            outcome.unwrap_or_else(|error| log_unreminded(&error));
        }
    }
}

/// Writes to developers whose keys end soon, or have ended, and who were not told yet.
pub async fn remind(registry: &Registry) -> Result<()> {
    if registry.settings.mail.is_none() {
        return Ok(());
    }
    for kind in [ReminderKind::Soon, ReminderKind::Over] {
        while remind_some(registry, kind).await? {}
    }
    Ok(())
}

/// Writes to some, and says whether there were any.
async fn remind_some(registry: &Registry, kind: ReminderKind) -> Result<bool> {
    let now = registry.clock.now();
    let mut snapshot = registry.storage.read().await?;
    let is_anybody_due = !reminder::due(&mut snapshot, kind, now).await?.is_empty();
    drop(snapshot);
    if !is_anybody_due {
        return Ok(false);
    }
    let mut write = registry.storage.write(Actor::Registry, now).await?;
    // Another replica may have written to them meanwhile; from here on none does.
    let due = reminder::due(&mut write, kind, now).await?;
    for reminder in &due {
        write_to(registry, &mut write, (reminder, kind)).await?;
        reminder::note(&mut write, reminder, kind).await?;
    }
    let deed = Deed::new("credential.remind", due.len());
    write.commit(deed).await?;
    Ok(!due.is_empty())
}

async fn write_to(
    registry: &Registry,
    write: &mut Write,
    (reminder, kind): (&Reminder, ReminderKind),
) -> Result<()> {
    let template = match kind {
        ReminderKind::Soon => MailTemplate::ApiKeyExpiringSoon,
        ReminderKind::Over => MailTemplate::ApiKeyExpired,
    };
    let link = page(registry, &format!("/applications/{}", reminder.application));
    Letter::new(&reminder.email, template, &link)
        .saying("full_name", &reminder.full_name)
        .saying("application", &reminder.application_name)
        .saying("credential", &reminder.display_name)
        .saying("expires_at", reminder.expires_at)
        .post(registry, write)
        .await
}

fn log_unreminded(error: &StorageError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, "cannot remind developers of keys that end");
}
