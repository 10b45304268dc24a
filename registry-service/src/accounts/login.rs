//! Logging in, staying logged in, logging out.

use crate::accounts::AccountError;
use crate::domain::access::Actor;
use crate::domain::developer::DeveloperStatus;
use crate::domain::id::LoginId;
use crate::domain::password::Password;
use crate::domain::session::{Refresh, SESSION_PREFIX, Session, SessionKind, SessionSecret};
use crate::domain::text::Email;
use crate::registry::Registry;
use crate::storage::{Connection, Deed, Write, account, session};

/// New sessions and their secrets, for the cookies that carry them.
#[derive(Debug)]
pub struct Granted {
    /// What calls are made with.
    pub access: (SessionSecret, Session),
    /// What gives the next access session; none if the client has one already.
    pub refresh: Option<(SessionSecret, Session)>,
}

/// Logs a developer in.
pub async fn log_in(
    registry: &Registry,
    email: &Email,
    password: Password,
) -> Result<Granted, AccountError> {
    let known = registry.storage.find_account(email).await?;
    let hash = known.as_ref().and_then(|account| account.password.clone());
    let is_right = registry.hashing.verify(hash, password).await?;
    let Some(known) = known.filter(|_| is_right) else {
        return Err(AccountError::WrongPassword);
    };
    let now = registry.clock.now();
    let developer = known.developer.id;
    let actor = Actor::Developer(developer);
    let mut write = registry.storage.write(actor, now).await?;
    let account = account::lookup(&mut write, developer)
        .await?
        .filter(|account| account.password == known.password)
        .ok_or(AccountError::WrongPassword)?;
    if account.developer.status != DeveloperStatus::Approved {
        return Err(AccountError::Disabled);
    }
    let login = LoginId(registry.random.uuid());
    let (access, refresh) = (new_secret(registry), new_secret(registry));
    let access_session = Session::access(&access, login, developer, now);
    let refresh_session = Session::refresh(&refresh, login, developer, now);
    session::forget_expired(&mut write, developer).await?;
    session::add(&mut write, &access_session).await?;
    session::add(&mut write, &refresh_session).await?;
    write
        .commit(Deed::new("developer.log-in", developer))
        .await?;
    Ok(Granted {
        access: (access, access_session),
        refresh: Some((refresh, refresh_session)),
    })
}

/// Exchanges a refresh session for a new access session, and for another refresh session.
pub async fn refresh(registry: &Registry, secret: &SessionSecret) -> Result<Granted, AccountError> {
    let now = registry.clock.now();
    let mut snapshot = registry.storage.read().await?;
    // An unknown secret costs no write, and the actor is known before the write begins.
    let known = current(&mut snapshot, secret).await?;
    drop(snapshot);
    let actor = Actor::Developer(known.developer);
    let mut write = registry.storage.write(actor, now).await?;
    let session = current(&mut write, secret).await?;
    match session.on_refresh(now) {
        Refresh::Rotate => rotate(registry, write, session).await,
        Refresh::AccessOnly => grant_access(registry, write, session).await,
        Refresh::EndLogin => {
            let deed = Deed::new("developer.log-in-stolen", session.developer);
            end(write, &session, deed).await?;
            Err(AccountError::LoginOver)
        }
        Refresh::Nothing => Err(AccountError::LoginOver),
    }
}

/// Ends the log-in a session belongs to; there need not be one.
pub async fn log_out(
    registry: &Registry,
    secret: &SessionSecret,
    kind: SessionKind,
) -> Result<(), AccountError> {
    let mut snapshot = registry.storage.read().await?;
    let found = session::find(&mut snapshot, secret.digest(), kind).await?;
    drop(snapshot);
    let Some(found) = found else {
        return Ok(());
    };
    let actor = Actor::Developer(found.developer);
    let now = registry.clock.now();
    let write = registry.storage.write(actor, now).await?;
    let deed = Deed::new("developer.log-out", found.developer);
    end(write, &found, deed).await
}

async fn rotate(
    registry: &Registry,
    mut write: Write,
    session: Session,
) -> Result<Granted, AccountError> {
    let access = add_access(registry, &mut write, &session).await?;
    let secret = new_secret(registry);
    let next = session.next_refresh(&secret, write.now);
    session::spend(&mut write, session.digest).await?;
    session::add(&mut write, &next).await?;
    let deed = Deed::new("developer.refresh", session.developer);
    write.commit(deed).await?;
    Ok(Granted {
        access,
        refresh: Some((secret, next)),
    })
}

async fn grant_access(
    registry: &Registry,
    mut write: Write,
    session: Session,
) -> Result<Granted, AccountError> {
    let access = add_access(registry, &mut write, &session).await?;
    let deed = Deed::new("developer.refresh", session.developer);
    write.commit(deed).await?;
    Ok(Granted {
        access,
        refresh: None,
    })
}

async fn add_access(
    registry: &Registry,
    write: &mut Write,
    session: &Session,
) -> Result<(SessionSecret, Session), AccountError> {
    let secret = new_secret(registry);
    let access = session.next_access(&secret, write.now);
    session::add(write, &access).await?;
    Ok((secret, access))
}

async fn end(mut write: Write, session: &Session, deed: Deed) -> Result<(), AccountError> {
    session::end_login(&mut write, session.login).await?;
    write.commit(deed).await?;
    Ok(())
}

async fn current(
    connection: &mut Connection,
    secret: &SessionSecret,
) -> Result<Session, AccountError> {
    session::find(connection, secret.digest(), SessionKind::Refresh)
        .await?
        .ok_or(AccountError::LoginOver)
}

fn new_secret(registry: &Registry) -> SessionSecret {
    SessionSecret::new(registry.random.secret(SESSION_PREFIX))
}
