//! Credentials: issuing keys, and taking in those that exist elsewhere.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::administration::{
    Acting, AdministrationError, Conflict, InvalidField, Result, applications,
};
use crate::domain::access::Duty;
use crate::domain::application::Application;
use crate::domain::credential::{Credential, ImportedKey};
use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::domain::wish::Wish;
use crate::storage::{Connection, Deed, List, Wanted, auth_strategy, credential};

/// What a key is called that was given no name.
const UNNAMED: &str = "API key";

/// A credential to be made.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCredential {
    /// Its name.
    pub display_name: Option<Line<255>>,
    /// A key that exists elsewhere, or `sha256:` and its digest; missing: one is made.
    pub key: Option<String>,
    /// When it stops being valid, in the past too; missing: as the auth strategy says.
    #[serde(default)]
    pub expires_at: Wish<Timestamp>,
}

/// What may be changed about a credential.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialChanges {
    /// Its name.
    pub display_name: Option<Line<255>>,
    /// Whether its key is refused for now.
    pub suspended: Option<bool>,
}

/// A credential that was just made.
pub struct Issued {
    /// The credential.
    pub credential: Credential,
    /// The key, for the only time; none if it was taken in.
    pub key: Option<String>,
}

// === impl NewCredential ===

impl fmt::Debug for NewCredential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NewCredential(..)")
    }
}

// === impl Issued ===

impl fmt::Debug for Issued {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Issued(..)")
    }
}

/// Lists credentials of an application.
pub async fn list(
    acting: &Acting,
    application: ApplicationId,
    wanted: &Wanted,
) -> Result<List<Credential>> {
    let mut snapshot = acting.read().await?;
    applications::existing(&mut snapshot, application).await?;
    Ok(credential::list(&mut snapshot, application, wanted).await?)
}

/// Issues a key, or takes one in.
pub async fn add(
    acting: &Acting,
    application: ApplicationId,
    new: NewCredential,
) -> Result<Issued> {
    acting.require(Duty::Manage)?;
    let (imported, key) = key(acting, new.key.as_deref())?;
    let mut write = acting.write_secret(Duty::Manage).await?;
    let application = applications::existing(&mut write, application).await?;
    let mut expires_at = usual_end(&mut write, &application, acting.now()).await?;
    new.expires_at.apply(&mut expires_at);
    let credential = Credential {
        id: CredentialId(acting.new_id()),
        application: application.id,
        display_name: new.display_name.unwrap_or_else(unnamed),
        digest: imported.digest,
        hint: imported.hint,
        expires_at,
        suspended_at: None,
        last_used_at: None,
        created_at: write.now,
        updated_at: write.now,
    };
    credential::add(&mut write, &credential)
        .await
        .map_err(Conflict::Key.if_taken())?;
    let deed = Deed::new("credential.add", credential.id).became(&credential);
    write.commit(deed).await?;
    Ok(Issued { credential, key })
}

/// Renames a credential of an application, suspends it or lets it go on.
pub async fn change(
    acting: &Acting,
    (application, id): (ApplicationId, CredentialId),
    changes: CredentialChanges,
) -> Result<Credential> {
    let mut write = acting.write(Duty::Manage).await?;
    let now = write.now;
    let before = existing(&mut write, application, id).await?;
    acting.expect(before.updated_at)?;
    let mut credential = before.clone();
    credential.display_name = changes.display_name.unwrap_or(credential.display_name);
    credential.suspended_at = match changes.suspended {
        None => credential.suspended_at,
        Some(true) => credential.suspended_at.or(Some(now)),
        Some(false) => None,
    };
    credential.updated_at = now.later_than(before.updated_at);
    credential::update(&mut write, &credential).await?;
    let deed = Deed::new("credential.update", id).was(&before);
    write.commit(deed.became(&credential)).await?;
    Ok(credential)
}

/// Withdraws a credential of an application; its key never comes back.
pub async fn remove(acting: &Acting, application: ApplicationId, id: CredentialId) -> Result<()> {
    let mut write = acting.write(Duty::Manage).await?;
    let before = existing(&mut write, application, id).await?;
    acting.expect(before.updated_at)?;
    credential::remove(&mut write, id).await?;
    let deed = Deed::new("credential.remove", id).was(&before);
    write.commit(deed).await?;
    Ok(())
}

async fn existing(
    connection: &mut Connection,
    application: ApplicationId,
    id: CredentialId,
) -> Result<Credential> {
    credential::lookup(connection, application, id)
        .await?
        .ok_or(AdministrationError::Unknown)
}

/// Returns what a key is called that was given no name.
pub(super) fn unnamed() -> Line<255> {
    Line::written(UNNAMED)
}

/// Returns when a key of an application stops being valid unless something else is said.
pub(super) async fn usual_end(
    connection: &mut Connection,
    application: &Application,
    now: Timestamp,
) -> Result<Option<Timestamp>> {
    let strategy = match application.auth_strategy {
        Some(id) => auth_strategy::lookup(connection, id).await?,
        None => None,
    };
    let ttl = strategy.and_then(|strategy| strategy.ttl);
    Ok(ttl.map(|ttl| ttl.end(now)))
}

/// Returns the key given, or a new one and its secret.
fn key(acting: &Acting, given: Option<&str>) -> Result<(ImportedKey, Option<String>)> {
    let settings = &acting.registry.settings;
    if let Some(text) = given {
        let key = ImportedKey::parse(text, settings.weak_keys)
            .map_err(|error| InvalidField::new("key", "key", error))?;
        return Ok((key, None));
    }
    let secret = acting.registry.random.secret(&settings.key_prefix);
    Ok((ImportedKey::issued(&secret), Some(secret)))
}
