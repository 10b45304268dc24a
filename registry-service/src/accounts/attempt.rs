//! Who it is, by address and password: not too often, and without locking anyone out.
//!
//! A browser that was logged in before has an allowance of its own (OWASP, "device cookies"), so
//! whoever tries out passwords uses up the strangers' allowance and leaves the developer's alone.

use crate::accounts::person::Person;
use crate::accounts::{AccountError, logins};
use crate::domain::client::{Client, DEVICE_PREFIX, DeviceSecret};
use crate::domain::password::{Password, PasswordHash};
use crate::domain::session::SignedIn;
use crate::domain::text::Email;
use crate::domain::throttle::{Limit, Try};
use crate::registry::Registry;
use crate::storage::session::Owner;
use crate::storage::{StorageError, Write, device, session};

/// How long a browser that is not used is remembered.
const DEVICE_LIFE_MS: i64 = 180 * 24 * 60 * 60 * 1000;

/// Somebody's attempt to log in.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Whose account.
    pub email: Email,
    /// What they say is its password.
    pub password: Password,
    /// Where the attempt comes from.
    pub client: Client,
}

/// A log-in that may begin, in a write of its own.
#[derive(Debug)]
pub(super) struct Begun<P: Person> {
    pub(super) write: Write,
    pub(super) account: P::Account,
    /// What the browser is to be known by from now on.
    pub(super) device: DeviceSecret,
}

/// Lets somebody in whose password is right and who may log in.
pub(super) async fn begin<P: Person>(
    registry: &Registry,
    attempt: Attempt,
) -> Result<Begun<P>, AccountError> {
    let Attempt {
        email,
        password,
        client,
    } = attempt;
    let known = P::find(&registry.storage, &email).await?;
    let owner = known.as_ref().map_or(P::NOBODY, P::of);
    let device = known_device(registry, owner, &client).await?;
    let tries = tries(P::guessed(&email), device.as_ref(), &client);
    let hash = known.as_ref().and_then(P::password).cloned();
    let is_right = verify(registry, &tries, (hash, password)).await?;
    let known = known
        .filter(|_| is_right)
        .ok_or(AccountError::WrongPassword)?;
    let mut write = logins::write(registry, owner).await?;
    let account = unchanged::<P>(&mut write, known).await?;
    P::admit(&account)?;
    session::forget_expired(&mut write, owner).await?;
    let device = remember(registry, &mut write, (owner, device)).await?;
    Ok(Begun {
        write,
        account,
        device,
    })
}

/// Begins a write of somebody who is logged in and gives the password again.
pub(super) async fn begin_again<P: Person>(
    registry: &Registry,
    signed_in: SignedIn<P>,
    password: Password,
) -> Result<(Write, P::Account), AccountError> {
    let owner = signed_in.owner();
    let mut snapshot = registry.storage.read().await?;
    let known = owner.lookup(&mut snapshot).await?;
    let known = known.ok_or(AccountError::LoginOver)?;
    drop(snapshot);
    let tries = [Try {
        limit: Limit::DevicePassword,
        subject: signed_in.login().to_string(),
    }];
    let hash = P::password(&known).cloned();
    if !verify(registry, &tries, (hash, password)).await? {
        return Err(AccountError::WrongPassword);
    }
    let mut write = logins::write(registry, owner).await?;
    let account = unchanged::<P>(&mut write, known).await?;
    Ok((write, account))
}

/// Remembers somebody's browser; one that is new gets a secret.
pub(super) async fn remember<O: Owner>(
    registry: &Registry,
    write: &mut Write,
    (owner, known): (O, Option<DeviceSecret>),
) -> Result<DeviceSecret, StorageError> {
    let new = || DeviceSecret::new(registry.random.secret(DEVICE_PREFIX));
    let secret = known.unwrap_or_else(new);
    let until = write.now.plus_ms(DEVICE_LIFE_MS);
    device::remember(write, owner, (secret.digest(), until)).await?;
    Ok(secret)
}

/// A password that is right was no guess; work that was not done was no attempt.
async fn verify(
    registry: &Registry,
    tries: &[Try],
    (hash, password): (Option<PasswordHash>, Password),
) -> Result<bool, AccountError> {
    registry.throttle.take(tries, registry.clock.now())?;
    let verified = registry.hashing.verify(hash, password).await;
    if !matches!(verified, Ok(false)) {
        registry.throttle.give_back(tries);
    }
    Ok(verified?)
}

/// Reads an account again, whose password was found right a moment ago.
async fn unchanged<P: Person>(
    write: &mut Write,
    known: P::Account,
) -> Result<P::Account, AccountError> {
    P::of(&known)
        .lookup(write)
        .await?
        .filter(|account| P::password(account) == P::password(&known))
        .ok_or(AccountError::WrongPassword)
}

/// Returns the device if it is one of the account's.
async fn known_device<O: Owner>(
    registry: &Registry,
    owner: O,
    client: &Client,
) -> Result<Option<DeviceSecret>, StorageError> {
    let Some(device) = &client.device else {
        return Ok(None);
    };
    let now = registry.clock.now();
    let is_known = registry
        .storage
        .is_known_device(device.digest(), owner, now)
        .await?;
    Ok(is_known.then(|| device.clone()))
}

/// Returns what an attempt at an account uses up.
fn tries(account: String, device: Option<&DeviceSecret>, client: &Client) -> Vec<Try> {
    if let Some(device) = device {
        return vec![Try {
            limit: Limit::DevicePassword,
            subject: device.digest().to_string(),
        }];
    }
    let mut tries = vec![Try {
        limit: Limit::AccountPassword,
        subject: account,
    }];
    tries.extend(client.network().map(|network| Try {
        limit: Limit::NetworkPassword,
        subject: network.to_string(),
    }));
    tries
}
