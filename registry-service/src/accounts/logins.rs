//! Somebody's log-ins, to be seen and ended.

use crate::accounts::AccountError;
use crate::accounts::person::Person;
use crate::domain::id::LoginId;
use crate::domain::session::{Login, Session, SessionKind, SessionSecret, SignedIn};
use crate::registry::Registry;
use crate::storage::{Deed, StorageError, Write, session};

/// Lists somebody's log-ins, the one used last first.
pub async fn logins<P: Person>(
    registry: &Registry,
    signed_in: SignedIn<P>,
) -> Result<Vec<Login>, StorageError> {
    let now = registry.clock.now();
    let mut snapshot = registry.storage.read().await?;
    session::logins(&mut snapshot, signed_in.owner(), now).await
}

/// Ends one of somebody's log-ins, the present one too.
pub async fn end_login<P: Person>(
    registry: &Registry,
    signed_in: SignedIn<P>,
    login: LoginId,
) -> Result<(), AccountError> {
    let mut write = write(registry, signed_in.owner()).await?;
    let now = write.now;
    let own = session::logins(&mut write, signed_in.owner(), now).await?;
    if !own.iter().any(|known| known.id == login) {
        return Err(AccountError::UnknownLogin);
    }
    session::end_login(&mut write, login).await?;
    write.commit(Deed::new(P::DEEDS.end_log_in, login)).await?;
    Ok(())
}

/// Ends every log-in of the developer but the present one.
pub async fn end_other_logins(
    registry: &Registry,
    signed_in: SignedIn,
) -> Result<(), StorageError> {
    let developer = signed_in.developer();
    let mut write = write(registry, developer).await?;
    session::end_others(&mut write, developer, signed_in.login()).await?;
    let deed = Deed::new("developer.end-other-log-ins", developer);
    write.commit(deed).await?;
    Ok(())
}

/// Ends the log-in a session belongs to; there need not be one.
pub async fn log_out<P: Person>(
    registry: &Registry,
    secret: &SessionSecret,
    kind: SessionKind,
) -> Result<(), AccountError> {
    let mut snapshot = registry.storage.read().await?;
    let found: Option<Session<P>> = session::find(&mut snapshot, secret.digest(), kind).await?;
    drop(snapshot);
    let Some(found) = found else {
        return Ok(());
    };
    let mut write = write(registry, found.owner).await?;
    session::end_login(&mut write, found.login).await?;
    write
        .commit(Deed::new(P::DEEDS.log_out, found.owner))
        .await?;
    Ok(())
}

/// Begins a write in somebody's name.
pub(super) async fn write<P: Person>(registry: &Registry, who: P) -> Result<Write, StorageError> {
    let now = registry.clock.now();
    registry.storage.write(who.actor(), now).await
}
