//! `/admin/v1/applications/{application}/credentials`: issuing keys and taking existing ones in.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::credential::{Credential, ImportedKey};
use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::applications;
use crate::http::admin::caller::{Answer, Caller, Created, Named, created};
use crate::http::body::{Body, Wish};
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;
use crate::storage::{Connection, Deed, StorageError, auth_strategy, credential};

/// A credential on the wire; never its key but in the answer that made it.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    id: CredentialId,
    display_name: Line<255>,
    prefix: String,
    last_four: String,
    expires_at: Option<Timestamp>,
    suspended_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A credential that was just made, with its key if that was made here.
#[derive(Serialize)]
pub(super) struct Issued {
    #[serde(flatten)]
    shown: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
}

/// A credential to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCredential {
    display_name: Option<Line<255>>,
    /// A key that exists elsewhere, or `sha256:` and its digest; missing: one is made.
    key: Option<String>,
    /// When it stops being valid, in the past too; missing: as the auth strategy says.
    #[serde(default)]
    expires_at: Wish<Timestamp>,
}

/// What may be changed about a credential.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    display_name: Option<Line<255>>,
    suspended: Option<bool>,
}

/// Lists the credentials of an application.
pub(super) async fn list(
    caller: Caller,
    Named(application): Named<ApplicationId>,
    paging: Paging,
) -> Answer<Listed<Shown>> {
    let mut snapshot = caller.read().await?;
    applications::existing(&mut snapshot, application).await?;
    let list = credential::list(&mut snapshot, application, paging.range()).await?;
    Ok(Json(paging.answer(list, shown)))
}

/// Issues a key, or takes one in.
pub(super) async fn add(
    caller: Caller,
    Named(application): Named<ApplicationId>,
    Body(new): Body<NewCredential>,
) -> Created<Issued> {
    let (key, secret) = key(&caller, new.key.as_deref())?;
    let now = caller.now();
    let mut write = caller.write().await?;
    let application = applications::existing(&mut write, application).await?;
    let mut expires_at = match application.auth_strategy {
        Some(id) => auth_strategy::lookup(&mut write, id).await?,
        None => None,
    }
    .and_then(|strategy| strategy.ttl)
    .map(|ttl| ttl.end(now));
    new.expires_at.apply(&mut expires_at);
    let unnamed = || Line::parse("API key").map_err(|_| Problem::internal());
    let credential = Credential {
        id: CredentialId(caller.new_id()),
        application: application.id,
        display_name: new.display_name.map_or_else(unnamed, Ok)?,
        digest: key.digest,
        hint: key.hint,
        expires_at,
        suspended_at: None,
        created_at: now,
        updated_at: now,
    };
    credential::add(&mut write, &credential)
        .await
        .map_err(taken)?;
    write
        .commit(Deed::new("credential.add", credential.id))
        .await?;
    Ok(created(Issued {
        shown: shown(credential),
        credential: secret,
    }))
}

/// Renames a credential, suspends it or lets it go on.
pub(super) async fn change(
    caller: Caller,
    Named((application, id)): Named<(ApplicationId, CredentialId)>,
    Body(changes): Body<Changes>,
) -> Answer<Shown> {
    let now = caller.now();
    let mut write = caller.write().await?;
    let mut credential = existing(&mut write, application, id).await?;
    credential.display_name = changes.display_name.unwrap_or(credential.display_name);
    credential.suspended_at = match changes.suspended {
        None => credential.suspended_at,
        Some(true) => credential.suspended_at.or(Some(now)),
        Some(false) => None,
    };
    credential.updated_at = now;
    credential::update(&mut write, &credential).await?;
    write.commit(Deed::new("credential.update", id)).await?;
    Ok(Json(shown(credential)))
}

/// Withdraws a credential; its key never comes back.
pub(super) async fn remove(
    caller: Caller,
    Named((application, id)): Named<(ApplicationId, CredentialId)>,
) -> Result<StatusCode, Problem> {
    let mut write = caller.write().await?;
    existing(&mut write, application, id).await?;
    credential::remove(&mut write, id).await?;
    write.commit(Deed::new("credential.remove", id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn existing(
    connection: &mut Connection,
    application: ApplicationId,
    id: CredentialId,
) -> Result<Credential, Problem> {
    credential::lookup(connection, application, id)
        .await?
        .ok_or_else(Problem::not_found)
}

/// Returns the key given, or a new one and its secret.
fn key(caller: &Caller, given: Option<&str>) -> Result<(ImportedKey, Option<String>), Problem> {
    let settings = &caller.registry.settings;
    if let Some(text) = given {
        let key = ImportedKey::parse(text, settings.weak_keys)
            .map_err(|error| Problem::invalid_field("key", "key", error))?;
        return Ok((key, None));
    }
    let secret = caller.registry.random.secret(&settings.key_prefix);
    Ok((ImportedKey::issued(&secret), Some(secret)))
}

/// Says neither whose the key is nor whether it still works.
fn taken(error: StorageError) -> Problem {
    match error {
        StorageError::Duplicate => Problem::conflict("this key was used before"),
        error => error.into(),
    }
}

fn shown(credential: Credential) -> Shown {
    Shown {
        id: credential.id,
        display_name: credential.display_name,
        prefix: credential.hint.prefix,
        last_four: credential.hint.last_four,
        expires_at: credential.expires_at,
        suspended_at: credential.suspended_at,
        created_at: credential.created_at,
        updated_at: credential.updated_at,
    }
}
