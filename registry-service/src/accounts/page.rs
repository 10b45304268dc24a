//! Log-ins on pages: one session that lives while it is used, and the password asked for again
//! where it matters.

use crate::accounts::AccountError;
use crate::accounts::attempt::{Attempt, Begun, begin, begin_again};
use crate::accounts::login::new_secret;
use crate::domain::client::DeviceSecret;
use crate::domain::id::LoginId;
use crate::domain::password::Password;
use crate::domain::session::{Session, SessionKind, SessionSecret, SignedIn};
use crate::registry::Registry;
use crate::storage::{Deed, StorageError, session};

/// A log-in on a page, for the cookies that carry it.
#[derive(Debug)]
pub struct PageLogin {
    /// What the browser shows from now on.
    pub secret: SessionSecret,
    /// Who is logged in.
    pub signed_in: SignedIn,
    /// What the browser is known by at the next log-in, if this is one.
    pub device: Option<DeviceSecret>,
}

/// Logs a developer in on a page.
pub async fn log_in_on_page(
    registry: &Registry,
    attempt: Attempt,
) -> Result<PageLogin, AccountError> {
    let agent = attempt.client.agent.clone();
    let Begun {
        mut write,
        developer,
        device,
    } = begin(registry, attempt).await?;
    let secret = new_secret(registry);
    let login = LoginId(registry.random.uuid());
    let session = Session::page(&secret, (login, developer), agent, write.now);
    session::add(&mut write, &session).await?;
    let signed_in = session.signed_in(write.now);
    let deed = Deed::new("developer.log-in", developer);
    write.commit(deed).await?;
    Ok(PageLogin {
        secret,
        signed_in: signed_in.ok_or(AccountError::LoginOver)?,
        device: Some(device),
    })
}

/// Returns who is logged in on a page, whose log-in goes on because of it.
pub async fn visit(
    registry: &Registry,
    secret: &SessionSecret,
) -> Result<Option<SignedIn>, StorageError> {
    let now = registry.clock.now();
    let session = registry.storage.use_page_session(secret.digest(), now);
    let session: Option<Session> = session.await?;
    Ok(session.and_then(|session| session.signed_in(now)))
}

/// Takes the password again, before a page does what a stolen cookie should not.
///
/// The browser gets another secret: whoever has the old one is logged out.
pub async fn authenticate_again(
    registry: &Registry,
    secret: &SessionSecret,
    password: Password,
) -> Result<PageLogin, AccountError> {
    let signed_in = visit(registry, secret).await?;
    let signed_in = signed_in.ok_or(AccountError::LoginOver)?;
    let (mut write, account) = begin_again(registry, signed_in, password).await?;
    let now = write.now;
    let kind = SessionKind::Page;
    let old: Option<Session> = session::find(&mut write, secret.digest(), kind).await?;
    let next_secret = new_secret(registry);
    let next = old
        .filter(|old| old.is_live(now))
        .map(|old| old.authenticated_again(&next_secret, now))
        .ok_or(AccountError::LoginOver)?;
    session::end_login(&mut write, next.login).await?;
    session::add(&mut write, &next).await?;
    let deed = Deed::new("developer.authenticate-again", account.developer.id);
    write.commit(deed).await?;
    Ok(PageLogin {
        secret: next_secret,
        signed_in: next.signed_in(now).ok_or(AccountError::LoginOver)?,
        device: None,
    })
}
