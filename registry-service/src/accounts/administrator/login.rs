//! Administrators' log-ins on pages.

use uuid::Uuid;

use crate::accounts::administrator::{Login, Present};
use crate::accounts::attempt::{Attempt, known_device, remember, tries, verify};
use crate::accounts::login::new_secret;
use crate::accounts::{AccountError, attempt};
use crate::domain::access::Actor;
use crate::domain::id::{AdminId, LoginId};
use crate::domain::password::Password;
use crate::domain::session::{self as domain, Session, SessionKind, SessionSecret, SignedIn};
use crate::domain::throttle::{Limit, Try};
use crate::registry::Registry;
use crate::storage::people::AdminAccount;
use crate::storage::{Deed, StorageError, Write, people, session};

/// Logs an administrator in on a page.
pub async fn log_in(registry: &Registry, attempt: Attempt) -> Result<Login, AccountError> {
    let Attempt {
        email,
        password,
        client,
    } = attempt;
    let known = registry.storage.find_admin(&email).await?;
    // Without an account a device is looked for all the same, so that this takes as long.
    let owner = known
        .as_ref()
        .map_or(AdminId(Uuid::nil()), |known| known.admin.id);
    let device = known_device(registry, owner, &client).await?;
    let subject = format!("administrator {}", email.key());
    let tries = tries(subject, device.as_ref(), &client);
    let hash = known.as_ref().and_then(|known| known.password.clone());
    let is_right = verify(registry, &tries, (hash, password)).await?;
    let known = known
        .filter(|_| is_right)
        .ok_or(AccountError::WrongPassword)?;
    let mut write = write(registry, owner).await?;
    let admin = unchanged(&mut write, known).await?.admin;
    session::forget_expired(&mut write, owner).await?;
    let device = remember(registry, &mut write, (owner, device)).await?;
    let secret = new_secret(registry);
    let login = LoginId(registry.random.uuid());
    let session = Session::page(&secret, (login, owner), client.agent, write.now);
    session::add(&mut write, &session).await?;
    let signed_in = session.signed_in(write.now);
    write.commit(Deed::new("admin.log-in", owner)).await?;
    Ok(Login {
        secret,
        present: present((admin, signed_in))?,
        device: Some(device),
    })
}

/// Returns who is logged in on a page, whose log-in goes on because of it.
pub async fn visit(
    registry: &Registry,
    secret: &SessionSecret,
) -> Result<Option<Present>, StorageError> {
    let now = registry.clock.now();
    let session = registry.storage.use_page_session(secret.digest(), now);
    let session: Option<Session<AdminId>> = session.await?;
    let Some(signed_in) = session.and_then(|session| session.signed_in(now)) else {
        return Ok(None);
    };
    let mut snapshot = registry.storage.read().await?;
    let found = people::lookup(&mut snapshot, signed_in.owner()).await?;
    Ok(found.map(|found| Present {
        admin: found.admin,
        signed_in,
    }))
}

/// Takes the password again, before a page does what a stolen cookie should not.
///
/// The browser gets another secret: whoever has the old one is logged out.
pub async fn authenticate_again(
    registry: &Registry,
    secret: &SessionSecret,
    password: Password,
) -> Result<Login, AccountError> {
    let present_one = visit(registry, secret).await?;
    let signed_in = present_one.ok_or(AccountError::LoginOver)?.signed_in;
    let (mut write, known) = begin_again(registry, signed_in, password).await?;
    let now = write.now;
    let kind = SessionKind::Page;
    let old: Option<Session<AdminId>> = session::find(&mut write, secret.digest(), kind).await?;
    let next_secret = new_secret(registry);
    let next = old
        .filter(|old| old.is_live(now))
        .map(|old| old.authenticated_again(&next_secret, now))
        .ok_or(AccountError::LoginOver)?;
    session::end_login(&mut write, next.login).await?;
    session::add(&mut write, &next).await?;
    let deed = Deed::new("admin.authenticate-again", known.admin.id);
    write.commit(deed).await?;
    Ok(Login {
        secret: next_secret,
        present: present((known.admin, next.signed_in(now)))?,
        device: None,
    })
}

/// Ends the log-in a secret belongs to; there need not be one.
pub async fn log_out(registry: &Registry, secret: &SessionSecret) -> Result<(), AccountError> {
    let kind = SessionKind::Page;
    let mut snapshot = registry.storage.read().await?;
    let found: Option<Session<AdminId>> =
        session::find(&mut snapshot, secret.digest(), kind).await?;
    drop(snapshot);
    let Some(found) = found else {
        return Ok(());
    };
    let mut write = write(registry, found.owner).await?;
    session::end_login(&mut write, found.login).await?;
    write
        .commit(Deed::new("admin.log-out", found.owner))
        .await?;
    Ok(())
}

/// Lists an administrator's log-ins, the one used last first.
pub async fn logins(
    registry: &Registry,
    signed_in: SignedIn<AdminId>,
) -> Result<Vec<domain::Login>, StorageError> {
    let now = registry.clock.now();
    let mut snapshot = registry.storage.read().await?;
    session::logins(&mut snapshot, signed_in.owner(), now).await
}

/// Ends one of an administrator's log-ins, the present one too.
pub async fn end_login(
    registry: &Registry,
    signed_in: SignedIn<AdminId>,
    login: LoginId,
) -> Result<(), AccountError> {
    let mut write = write(registry, signed_in.owner()).await?;
    let now = write.now;
    let own = session::logins(&mut write, signed_in.owner(), now).await?;
    if !own.iter().any(|known| known.id == login) {
        return Err(AccountError::UnknownLogin);
    }
    session::end_login(&mut write, login).await?;
    write.commit(Deed::new("admin.end-log-in", login)).await?;
    Ok(())
}

/// Begins a write of an administrator who is logged in and gives the password again.
pub(super) async fn begin_again(
    registry: &Registry,
    signed_in: SignedIn<AdminId>,
    password: Password,
) -> Result<(Write, AdminAccount), AccountError> {
    let mut snapshot = registry.storage.read().await?;
    let known = people::lookup(&mut snapshot, signed_in.owner())
        .await?
        .ok_or(AccountError::LoginOver)?;
    drop(snapshot);
    let tries = [Try {
        limit: Limit::DevicePassword,
        subject: signed_in.login().to_string(),
    }];
    let hash = known.password.clone();
    if !attempt::verify(registry, &tries, (hash, password)).await? {
        return Err(AccountError::WrongPassword);
    }
    let mut write = write(registry, signed_in.owner()).await?;
    let known = unchanged(&mut write, known).await?;
    Ok((write, known))
}

async fn write(registry: &Registry, admin: AdminId) -> Result<Write, StorageError> {
    let now = registry.clock.now();
    registry.storage.write(Actor::Admin(admin), now).await
}

/// Reads an account again, whose password was found right a moment ago.
async fn unchanged(write: &mut Write, known: AdminAccount) -> Result<AdminAccount, AccountError> {
    people::lookup(write, known.admin.id)
        .await?
        .filter(|account| account.password == known.password)
        .ok_or(AccountError::WrongPassword)
}

fn present(
    (admin, signed_in): (crate::domain::access::Admin, Option<SignedIn<AdminId>>),
) -> Result<Present, AccountError> {
    let signed_in = signed_in.ok_or(AccountError::LoginOver)?;
    Ok(Present { admin, signed_in })
}
