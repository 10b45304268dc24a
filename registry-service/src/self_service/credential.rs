//! The credentials of a developer's applications: issued, renamed, withdrawn.

use crate::domain::application::Application;
use crate::domain::credential::{Credential, IssuedKey};
use crate::domain::id::{ApplicationId, AuthStrategyId, CredentialId};
use crate::domain::once::Once;
use crate::domain::session::SignedIn;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::registry::Registry;
use crate::storage::{
    Connection, Deed, List, Range, StorageError, Write, auth_strategy, credential, once, own,
};

/// How many credentials an application has at most (Konnect's limit).
pub const MOST_CREDENTIALS: i64 = 20;

/// What a key is called that was given no name.
const UNNAMED: &str = "API key";

/// What the key is called that an application begins with.
const FIRST: &str = "Default";

/// A credential to be.
#[derive(Debug, Clone, Default)]
pub struct NewCredential {
    /// What its key is called.
    pub display_name: Option<Line<255>>,
    /// When it stops being valid; when the strategy says, if this does not.
    pub expires_at: Option<Timestamp>,
    /// The form it was asked for with, if that counts once.
    pub once: Option<Once>,
}

/// A new credential and its key, which is not kept: it is shown now or never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The credential.
    pub credential: Credential,
    /// Its key.
    pub key: IssuedKey,
}

/// Why a credential is not what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The developer has no such application, or it no such credential.
    #[error("there is no such credential")]
    Missing,
    /// The application has as many as it may.
    #[error("the application has as many credentials as it may have")]
    TooMany,
    /// The password was given too long ago for a secret to be made on a page.
    #[error("a secret is made only soon after the password was given")]
    LoginTooOld,
    /// The form was sent before, and its key was shown then.
    #[error("the key was made and shown already")]
    AlreadyShown,
    /// An administrator took it out of use; a new key in its place would undo that.
    #[error("the credential is suspended")]
    Suspended,
    /// It would never be valid.
    #[error("must be in the future")]
    ExpiryPast,
    /// It would be valid for longer than the strategy lets keys be.
    #[error("must not be after {latest}, as the auth strategy says")]
    ExpiryTooLate {
        /// The last moment there is.
        latest: Timestamp,
    },
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

// === impl CredentialError ===

impl CredentialError {
    /// Returns the field it is about, by the API's name, if it is about one.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::ExpiryPast | Self::ExpiryTooLate { .. } => Some("expires_at"),
            Self::Missing
            | Self::TooMany
            | Self::LoginTooOld
            | Self::AlreadyShown
            | Self::Suspended
            | Self::Storage(_) => None,
        }
    }
}

/// Lists the credentials of one of the developer's applications, the oldest first.
pub async fn list(
    registry: &Registry,
    signed_in: SignedIn,
    (application, range): (ApplicationId, Range),
) -> Result<List<Credential>, CredentialError> {
    let mut snapshot = registry.storage.read().await?;
    existing_application(&mut snapshot, signed_in, application).await?;
    let wanted = (application, range);
    Ok(own::credential::list(&mut snapshot, signed_in.developer(), wanted).await?)
}

/// Shows a credential.
pub async fn lookup(
    registry: &Registry,
    signed_in: SignedIn,
    ids: (ApplicationId, CredentialId),
) -> Result<Credential, CredentialError> {
    let mut snapshot = registry.storage.read().await?;
    existing(&mut snapshot, signed_in, ids).await
}

/// Issues a key.
pub async fn issue(
    registry: &Registry,
    signed_in: SignedIn,
    (application, new): (ApplicationId, NewCredential),
) -> Result<Issued, CredentialError> {
    let now = registry.clock.now();
    if !signed_in.may_make_secrets(now) {
        return Err(CredentialError::LoginTooOld);
    }
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let application = existing_application(&mut write, signed_in, application).await?;
    if credential::count(&mut write, application.id).await? >= MOST_CREDENTIALS {
        return Err(CredentialError::TooMany);
    }
    let issued = add(registry, &mut write, (&application, new)).await?;
    let deed = Deed::new("credential.issue", issued.credential.id).became(&issued.credential);
    write.commit(deed).await?;
    Ok(issued)
}

/// Gives a credential another name.
pub async fn rename(
    registry: &Registry,
    signed_in: SignedIn,
    (ids, display_name): ((ApplicationId, CredentialId), Line<255>),
) -> Result<Credential, CredentialError> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let before = existing(&mut write, signed_in, ids).await?;
    let credential = Credential {
        display_name,
        updated_at: now.later_than(before.updated_at),
        ..before.clone()
    };
    credential::update(&mut write, &credential).await?;
    let deed = Deed::new("credential.rename", credential.id).was(&before);
    write.commit(deed.became(&credential)).await?;
    Ok(credential)
}

/// Withdraws a credential; its key never comes back.
pub async fn withdraw(
    registry: &Registry,
    signed_in: SignedIn,
    ids: (ApplicationId, CredentialId),
) -> Result<(), CredentialError> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let credential = existing(&mut write, signed_in, ids).await?;
    credential::remove(&mut write, credential.id).await?;
    let deed = Deed::new("credential.withdraw", credential.id).was(&credential);
    write.commit(deed).await?;
    Ok(())
}

/// Adds a credential to an application, whatever else is written.
pub(super) async fn add(
    registry: &Registry,
    write: &mut Write,
    (application, new): (&Application, NewCredential),
) -> Result<Issued, CredentialError> {
    once::spend(write, new.once).await.map_err(already_shown)?;
    let latest = latest_expiry(write, application.auth_strategy).await?;
    let expires_at = expiry(new.expires_at, latest, write.now)?;
    let name = new.display_name.unwrap_or_else(|| Line::written(UNNAMED));
    let issued = draft(registry, application.id, (name, expires_at));
    credential::add(write, &issued.credential).await?;
    Ok(issued)
}

/// Adds the credential an application begins with.
pub(super) async fn add_first(
    registry: &Registry,
    write: &mut Write,
    application: &Application,
) -> Result<Issued, StorageError> {
    let expires_at = latest_expiry(write, application.auth_strategy).await?;
    let issued = draft(registry, application.id, (Line::written(FIRST), expires_at));
    credential::add(write, &issued.credential).await?;
    Ok(issued)
}

/// Makes a key and the credential that stands for it; neither is kept yet.
fn draft(
    registry: &Registry,
    application: ApplicationId,
    (display_name, expires_at): (Line<255>, Option<Timestamp>),
) -> Issued {
    let now = registry.clock.now();
    let key = IssuedKey::new(registry.random.secret(&registry.settings.key_prefix));
    let kept = key.kept();
    let credential = Credential {
        id: CredentialId(registry.random.uuid()),
        application,
        display_name,
        digest: kept.digest,
        hint: kept.hint,
        expires_at,
        suspended_at: None,
        last_used_at: None,
        created_at: now,
        updated_at: now,
    };
    Issued { credential, key }
}

pub(super) fn already_shown(error: StorageError) -> CredentialError {
    match error {
        StorageError::Duplicate => CredentialError::AlreadyShown,
        error => error.into(),
    }
}

/// Returns the last moment the strategy lets a key made now be valid.
async fn latest_expiry(
    write: &mut Write,
    strategy: Option<AuthStrategyId>,
) -> Result<Option<Timestamp>, StorageError> {
    let now = write.now;
    let strategy = match strategy {
        Some(id) => auth_strategy::lookup(write, id).await?,
        None => None,
    };
    let ttl = strategy.and_then(|strategy| strategy.ttl);
    Ok(ttl.map(|ttl| ttl.end(now)))
}

fn expiry(
    wanted: Option<Timestamp>,
    latest: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<Timestamp>, CredentialError> {
    match (wanted, latest) {
        (Some(end), _) if end <= now => Err(CredentialError::ExpiryPast),
        (Some(end), Some(latest)) if latest < end => Err(CredentialError::ExpiryTooLate { latest }),
        (wanted, latest) => Ok(wanted.or(latest)),
    }
}

pub(super) async fn existing_application(
    connection: &mut Connection,
    signed_in: SignedIn,
    id: ApplicationId,
) -> Result<Application, CredentialError> {
    let found = own::application::lookup(connection, signed_in.developer(), id).await?;
    found.ok_or(CredentialError::Missing)
}

pub(super) async fn existing(
    connection: &mut Connection,
    signed_in: SignedIn,
    ids: (ApplicationId, CredentialId),
) -> Result<Credential, CredentialError> {
    let found = own::credential::lookup(connection, signed_in.developer(), ids).await?;
    found.ok_or(CredentialError::Missing)
}
