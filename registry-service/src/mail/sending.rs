//! Sending in the background: what is due is claimed, rendered, handed over and settled, a few at a time.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::domain::mail::{MailTemplate, pause_after_ms};
use crate::mail::look;
use crate::mail::server::{Envelope, Failure, MailServer, Postman};
use crate::metrics::Mailed;
use crate::registry::Registry;
use crate::storage::outbox::{Attempt, Claimed};
use crate::storage::{StorageError, portal};

/// How often it is looked for mails that are due again, or that other replicas wrote and did not send.
const INTERVAL: Duration = Duration::from_secs(5);

/// How many are sent at a time: one slow recipient does not hold the others up.
const AT_A_TIME: usize = 4;

/// How old a mail may be when it is first tried: nobody wants last week's link because a mail server
/// was set up today.
const STALE_MS: i64 = 24 * 60 * 60 * 1000;

/// Why a mail cannot be handed over at all.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error("it waited for too long")]
    Stale,
    #[error("there is no template for it")]
    NoTemplate,
    #[error("its template needs what it does not say")]
    Incomplete,
}

/// Sends what is due, as long as the registry lives and was not told to stop.
pub(super) async fn send(registry: Weak<Registry>, server: MailServer) {
    match Postman::for_server(&server) {
        Ok(postman) => send_with(&registry, &Arc::new(postman)).await,
        Err(failure) => log_unable(&failure),
    }
}

async fn send_with(registry: &Weak<Registry>, postman: &Arc<Postman>) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut sending = JoinSet::new();
    loop {
        // Before `open` returns there is nothing to send; afterwards the task is aborted.
        let news = registry
            .upgrade()
            .map(|registry| registry.storage.mail_news());
        while sending.len() < AT_A_TIME
            && let Some((registry, claimed)) = claim(registry).await
        {
            let postman = Arc::clone(postman);
            sending.spawn(async move { attend(&registry, &postman, claimed).await });
        }
        tokio::select! {
            Some(_) = sending.join_next() => {}
            () = async { news.unwrap_or_default().notified().await }, if sending.len() < AT_A_TIME => {}
            _ = interval.tick() => {}
        }
    }
}

async fn claim(registry: &Weak<Registry>) -> Option<(Arc<Registry>, Claimed)> {
    let registry = registry.upgrade()?;
    if registry.drain.has_begun() {
        return None;
    }
    match registry.storage.claim_mail(registry.clock.now()).await {
        Ok(claimed) => claimed.map(|claimed| (registry, claimed)),
        Err(error) => {
            log_unclaimed(&error);
            None
        }
    }
}

/// Tries to hand a mail over, and keeps what came of it.
async fn attend(registry: &Registry, postman: &Postman, claimed: Claimed) {
    let attempt = match envelope(registry, &claimed).await {
        Ok(Ok(envelope)) => attempt(registry, &claimed, postman.deliver(envelope).await),
        Ok(Err(unfit)) => Attempt::GivenUp {
            error: unfit.to_string(),
        },
        // The database will tell when it is back; the mail is due again when the claim is over.
        Err(error) => return log_unclaimed(&error),
    };
    log(&claimed, &attempt);
    count(registry, &attempt);
    let settled = registry
        .storage
        .settle_mail(&claimed, &attempt, registry.clock.now());
    if let Err(error) = settled.await {
        log_unclaimed(&error);
    }
}

fn attempt(registry: &Registry, claimed: &Claimed, outcome: Result<(), Failure>) -> Attempt {
    match outcome {
        Ok(()) => Attempt::Sent,
        Err(Failure::ForGood(error)) => Attempt::GivenUp { error },
        Err(Failure::ForNow(error)) => match pause_after_ms(claimed.attempts) {
            None => Attempt::GivenUp { error },
            Some(pause) => Attempt::Again {
                at: registry
                    .clock
                    .now()
                    .plus_ms(registry.random.jittered_ms(pause)),
                error,
            },
        },
    }
}

async fn envelope<'a>(
    registry: &Registry,
    Claimed { message, attempts }: &'a Claimed,
) -> Result<Result<Envelope<'a>, Unfit>, StorageError> {
    let is_first = *attempts == 1;
    if is_first && registry.clock.now() > message.created_at.plus_ms(STALE_MS) {
        return Ok(Err(Unfit::Stale));
    }
    let Ok(template) = message.template.parse::<MailTemplate>() else {
        return Ok(Err(Unfit::NoTemplate));
    };
    let mut snapshot = registry.storage.read().await?;
    let portal = portal::lookup(&mut snapshot).await?;
    Ok(look::of(template, portal.name.as_str(), &message.content)
        .map_err(|_| Unfit::Incomplete)
        .map(|look| Envelope {
            id: message.id.to_string(),
            recipient: &message.recipient,
            look,
            written_at: message.created_at,
        }))
}

/// Says what came of an attempt; never what the mail says, which may let its reader in.
fn log(claimed: &Claimed, attempt: &Attempt) {
    match attempt {
        Attempt::Sent => log_sent(claimed),
        Attempt::Again { error, .. } => log_again(claimed, error),
        Attempt::GivenUp { error } => log_given_up(claimed, error),
    }
}

fn log_sent(Claimed { message, attempts }: &Claimed) {
    let (id, template) = (message.id.to_string(), &message.template);
    tracing::info!(mail.id = id, template, attempts, "sent a mail");
}

fn log_again(Claimed { message, attempts }: &Claimed, error: &str) {
    let (id, template) = (message.id.to_string(), &message.template);
    tracing::warn!(
        mail.id = id,
        template,
        attempts,
        error,
        "could not send a mail yet"
    );
}

fn log_given_up(Claimed { message, attempts }: &Claimed, error: &str) {
    let (id, template) = (message.id.to_string(), &message.template);
    tracing::error!(mail.id = id, template, attempts, error, "gave a mail up");
}

fn log_unable(failure: &Failure) {
    tracing::error!(?failure, "no mail can be sent");
}

fn count(registry: &Registry, attempt: &Attempt) {
    let outcome = match attempt {
        Attempt::Sent => "sent",
        Attempt::Again { .. } => "again",
        Attempt::GivenUp { .. } => "given_up",
    };
    registry
        .metrics
        .mails
        .get_or_create(&Mailed { outcome })
        .inc();
}

fn log_unclaimed(error: &StorageError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, "cannot read or write the outbox");
}
