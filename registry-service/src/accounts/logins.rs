//! The log-ins of a developer, to be seen and ended.

use crate::accounts::AccountError;
use crate::domain::id::LoginId;
use crate::domain::session::{Login, SignedIn};
use crate::registry::Registry;
use crate::storage::{Deed, StorageError, session};

/// Lists the developer's log-ins, the one used last first.
pub async fn logins(registry: &Registry, signed_in: SignedIn) -> Result<Vec<Login>, StorageError> {
    let now = registry.clock.now();
    let mut snapshot = registry.storage.read().await?;
    session::logins(&mut snapshot, signed_in.developer(), now).await
}

/// Ends one of the developer's log-ins, the present one too.
pub async fn end_login(
    registry: &Registry,
    signed_in: SignedIn,
    login: LoginId,
) -> Result<(), AccountError> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let developer = signed_in.developer();
    let own = session::logins(&mut write, developer, now).await?;
    if !own.iter().any(|known| known.id == login) {
        return Err(AccountError::UnknownLogin);
    }
    session::end_login(&mut write, login).await?;
    write
        .commit(Deed::new("developer.end-log-in", login))
        .await?;
    Ok(())
}

/// Ends every log-in of the developer but the present one.
pub async fn end_other_logins(
    registry: &Registry,
    signed_in: SignedIn,
) -> Result<(), StorageError> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let developer = signed_in.developer();
    session::end_others(&mut write, developer, signed_in.login()).await?;
    let deed = Deed::new("developer.end-other-log-ins", developer);
    write.commit(deed).await?;
    Ok(())
}
