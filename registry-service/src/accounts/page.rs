//! Log-ins on pages: one session that lives while it is used, and the password asked for again
//! where it matters.

use crate::accounts::AccountError;
use crate::accounts::attempt::{Attempt, Begun, begin, begin_again};
use crate::accounts::login::new_secret;
use crate::accounts::person::Person;
use crate::domain::client::DeviceSecret;
use crate::domain::id::{DeveloperId, LoginId};
use crate::domain::password::Password;
use crate::domain::session::{Session, SessionKind, SessionSecret, SignedIn};
use crate::registry::Registry;
use crate::storage::{Deed, StorageError, session};

/// A log-in on a page, for the cookies that carry it.
#[derive(Debug)]
pub struct PageLogin<P: Person = DeveloperId> {
    /// What the browser shows from now on.
    pub secret: SessionSecret,
    /// Who is logged in.
    pub signed_in: SignedIn<P>,
    /// Their account.
    pub account: P::Account,
    /// What the browser is known by at the next log-in, if this is one.
    pub device: Option<DeviceSecret>,
}

/// Logs somebody in on a page.
pub async fn log_in_on_page<P: Person>(
    registry: &Registry,
    attempt: Attempt,
) -> Result<PageLogin<P>, AccountError> {
    let agent = attempt.client.agent.clone();
    let Begun {
        mut write,
        account,
        device,
    } = begin::<P>(registry, attempt).await?;
    let owner = P::of(&account);
    let secret = new_secret(registry);
    let login = LoginId(registry.random.uuid());
    let session = Session::page(&secret, (login, owner), agent, write.now);
    session::add(&mut write, &session).await?;
    let signed_in = session.signed_in(write.now);
    write.commit(Deed::new(P::DEEDS.log_in, owner)).await?;
    Ok(PageLogin {
        secret,
        signed_in: signed_in.ok_or(AccountError::LoginOver)?,
        account,
        device: Some(device),
    })
}

/// Returns who is logged in on a page, whose log-in goes on because of it.
pub async fn visit<P: Person>(
    registry: &Registry,
    secret: &SessionSecret,
) -> Result<Option<SignedIn<P>>, StorageError> {
    let now = registry.clock.now();
    let session = registry.storage.use_page_session(secret.digest(), now);
    let session: Option<Session<P>> = session.await?;
    Ok(session.and_then(|session| session.signed_in(now)))
}

/// Takes the password again, before a page does what a stolen cookie should not.
///
/// The browser gets another secret: whoever has the old one is logged out.
pub async fn authenticate_again<P: Person>(
    registry: &Registry,
    secret: &SessionSecret,
    password: Password,
) -> Result<PageLogin<P>, AccountError> {
    let signed_in = visit::<P>(registry, secret).await?;
    let signed_in = signed_in.ok_or(AccountError::LoginOver)?;
    let (mut write, account) = begin_again(registry, signed_in, password).await?;
    let now = write.now;
    let kind = SessionKind::Page;
    let old: Option<Session<P>> = session::find(&mut write, secret.digest(), kind).await?;
    let next_secret = new_secret(registry);
    let next = old
        .filter(|old| old.is_live(now))
        .map(|old| old.authenticated_again(&next_secret, now))
        .ok_or(AccountError::LoginOver)?;
    session::end_login(&mut write, next.login).await?;
    session::add(&mut write, &next).await?;
    let deed = Deed::new(P::DEEDS.authenticate_again, next.owner);
    write.commit(deed).await?;
    Ok(PageLogin {
        secret: next_secret,
        signed_in: next.signed_in(now).ok_or(AccountError::LoginOver)?,
        account,
        device: None,
    })
}
