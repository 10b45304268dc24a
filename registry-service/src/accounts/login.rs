//! Logging in through the API, and staying logged in.

use crate::accounts::AccountError;
use crate::accounts::attempt::{Attempt, Begun, begin};
use crate::domain::access::Actor;
use crate::domain::client::DeviceSecret;
use crate::domain::id::{DeveloperId, LoginId};
use crate::domain::session::{Refresh, SESSION_PREFIX, Session, SessionKind, SessionSecret};
use crate::registry::Registry;
use crate::storage::{Connection, Deed, Write, session};

/// New sessions and their secrets, for the cookies that carry them.
#[derive(Debug)]
pub struct Granted {
    /// What calls are made with.
    pub access: (SessionSecret, Session),
    /// What gives the next access session; none if the client has one already.
    pub refresh: Option<(SessionSecret, Session)>,
    /// What the browser is known by at the next log-in, if this is one.
    pub device: Option<DeviceSecret>,
}

/// Logs a developer in through the API.
pub async fn log_in(registry: &Registry, attempt: Attempt) -> Result<Granted, AccountError> {
    let agent = attempt.client.agent.clone();
    let Begun {
        mut write,
        account,
        device,
    } = begin::<DeveloperId>(registry, attempt).await?;
    let developer = account.developer.id;
    let login = LoginId(registry.random.uuid());
    let (access, refresh) = (new_secret(registry), new_secret(registry));
    let access_session = Session {
        agent: agent.clone(),
        ..Session::access(&access, login, developer, write.now)
    };
    let refresh_session = Session {
        agent,
        ..Session::refresh(&refresh, login, developer, write.now)
    };
    session::add(&mut write, &access_session).await?;
    session::add(&mut write, &refresh_session).await?;
    write
        .commit(Deed::new("developer.log-in", developer))
        .await?;
    Ok(Granted {
        access: (access, access_session),
        refresh: Some((refresh, refresh_session)),
        device: Some(device),
    })
}

/// Exchanges a refresh session for a new access session, and for another refresh session.
pub async fn refresh(registry: &Registry, secret: &SessionSecret) -> Result<Granted, AccountError> {
    let now = registry.clock.now();
    let mut snapshot = registry.storage.read().await?;
    // An unknown secret costs no write, and the actor is known before the write begins.
    let known = current(&mut snapshot, secret).await?;
    drop(snapshot);
    let actor = Actor::Developer(known.owner);
    let mut write = registry.storage.write(actor, now).await?;
    let session = current(&mut write, secret).await?;
    match session.on_refresh(now) {
        Refresh::Rotate => rotate(registry, write, session).await,
        Refresh::AccessOnly => grant_access(registry, write, session).await,
        Refresh::EndLogin => {
            let deed = Deed::new("developer.log-in-stolen", session.owner);
            end(write, &session, deed).await?;
            Err(AccountError::LoginOver)
        }
        Refresh::Nothing => Err(AccountError::LoginOver),
    }
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
    let deed = Deed::new("developer.refresh", session.owner);
    write.commit(deed).await?;
    Ok(Granted {
        access,
        refresh: Some((secret, next)),
        device: None,
    })
}

async fn grant_access(
    registry: &Registry,
    mut write: Write,
    session: Session,
) -> Result<Granted, AccountError> {
    let access = add_access(registry, &mut write, &session).await?;
    let deed = Deed::new("developer.refresh", session.owner);
    write.commit(deed).await?;
    Ok(Granted {
        access,
        refresh: None,
        device: None,
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

pub(super) fn new_secret(registry: &Registry) -> SessionSecret {
    SessionSecret::new(registry.random.secret(SESSION_PREFIX))
}
