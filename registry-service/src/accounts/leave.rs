//! Leaving: an account and everything that hangs on it.

use crate::accounts::AccountError;
use crate::accounts::attempt::begin_again;
use crate::domain::password::Password;
use crate::domain::session::SignedIn;
use crate::registry::Registry;
use crate::storage::{Deed, developer, outbox};

/// Removes the developer's account with its applications, registrations and keys, which never come
/// back; the address is free again.
pub async fn delete_account(
    registry: &Registry,
    signed_in: SignedIn,
    password: Password,
) -> Result<(), AccountError> {
    let (mut write, account) = begin_again(registry, signed_in, password).await?;
    outbox::empty_all(&mut write, &account.developer.email).await?;
    developer::remove(&mut write, account.developer.id).await?;
    let deed = Deed::new("developer.remove", account.developer.id);
    write.commit(deed).await?;
    Ok(())
}
