//! Another key in place of one: both are valid for as long as the change takes.

use crate::domain::credential::{Credential, Overlap};
use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::once::Once;
use crate::domain::session::SignedIn;
use crate::domain::timestamp::Timestamp;
use crate::registry::Registry;
use crate::self_service::credential::{
    CredentialError, Issued, MOST_CREDENTIALS, NewCredential, add, already_shown, existing,
    existing_application,
};
use crate::storage::{Deed, Write, credential, once};

/// How a key is replaced.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// How long the old key stays valid.
    pub overlap: Overlap,
    /// When the new one stops being valid; when the strategy says, if this does not.
    pub expires_at: Option<Timestamp>,
    /// The form it was asked for with, if that counts once.
    pub once: Option<Once>,
}

/// Issues a key in place of another, which is withdrawn now or expires soon.
pub async fn rotate(
    registry: &Registry,
    signed_in: SignedIn,
    (ids, rotation): ((ApplicationId, CredentialId), Rotation),
) -> Result<Issued, CredentialError> {
    let now = registry.clock.now();
    if !signed_in.may_make_secrets(now) {
        return Err(CredentialError::LoginTooOld);
    }
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    // First: a form that is sent again names a key that may be gone.
    once::spend(&mut write, rotation.once)
        .await
        .map_err(already_shown)?;
    let application = existing_application(&mut write, signed_in, ids.0).await?;
    let old = existing(&mut write, signed_in, ids).await?;
    if old.suspended_at.is_some() {
        return Err(CredentialError::Suspended);
    }
    let new = NewCredential {
        display_name: Some(old.display_name.clone()),
        expires_at: rotation.expires_at,
        once: None,
    };
    replace(&mut write, old.clone(), rotation.overlap).await?;
    if credential::count(&mut write, application.id).await? >= MOST_CREDENTIALS {
        return Err(CredentialError::TooMany);
    }
    let issued = add(registry, &mut write, (&application, new)).await?;
    let deed = Deed::new("credential.rotate", issued.credential.id).was(&old);
    write.commit(deed.became(&issued.credential)).await?;
    Ok(issued)
}

async fn replace(
    write: &mut Write,
    old: Credential,
    overlap: Overlap,
) -> Result<(), CredentialError> {
    let (id, now) = (old.id, write.now);
    match old.replaced(overlap, now) {
        Some(old) => credential::update(write, &old).await?,
        None => credential::remove(write, id).await?,
    }
    Ok(())
}
