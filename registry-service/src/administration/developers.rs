//! Developers, as administrators add, approve and remove them.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::accounts;
use crate::administration::{Acting, AdministrationError, InvalidField, Result};
use crate::domain::access::Duty;
use crate::domain::developer::{Developer, DeveloperStatus};
use crate::domain::id::DeveloperId;
use crate::domain::text::{Email, Line};
use crate::mail::notices;
use crate::storage::{Connection, Deed, List, Wanted, developer};

/// A developer to be made by an administrator, who vouches for the address.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDeveloper {
    /// Where they read mail.
    pub email: Email,
    /// Their name.
    pub full_name: Line<256>,
    /// Whether they may log in at once.
    #[serde(default = "approved")]
    pub status: DeveloperStatus,
}

/// Lists developers.
pub async fn list(acting: &Acting, wanted: &Wanted) -> Result<List<Developer>> {
    let mut snapshot = acting.read().await?;
    Ok(developer::list(&mut snapshot, wanted).await?)
}

/// Adds a developer; the link that leads to a password waits in the outbox.
pub async fn add(acting: &Acting, new: NewDeveloper) -> Result<Developer> {
    if !matches!(
        new.status,
        DeveloperStatus::Approved | DeveloperStatus::Pending
    ) {
        let reason = "must be approved or pending to begin with";
        return Err(InvalidField::new("status", "choice", reason).into());
    }
    let mut write = acting.write(Duty::Manage).await?;
    let developer = Developer {
        id: DeveloperId(acting.new_id()),
        email: new.email,
        full_name: new.full_name,
        status: new.status,
        created_at: write.now,
        updated_at: write.now,
    };
    developer::add(&mut write, &developer).await?;
    accounts::invite(&acting.registry, &mut write, &developer).await?;
    let deed = Deed::new("developer.add", developer.id).became(&developer);
    write.commit(deed).await?;
    Ok(developer)
}

/// Reads a developer.
pub async fn lookup(acting: &Acting, id: DeveloperId) -> Result<Developer> {
    let mut snapshot = acting.read().await?;
    existing(&mut snapshot, id).await
}

/// Approves, rejects or revokes a developer.
pub async fn decide(
    acting: &Acting,
    id: DeveloperId,
    status: DeveloperStatus,
) -> Result<Developer> {
    let mut write = acting.write(Duty::Decide).await?;
    let before = existing(&mut write, id).await?;
    acting.expect(before.updated_at)?;
    let now = write.now.later_than(before.updated_at);
    let developer = before.clone().decide(status, now)?;
    developer::update(&mut write, &developer).await?;
    if before.status != developer.status {
        notices::account_decided(&acting.registry, &mut write, &developer).await?;
    }
    let deed = Deed::new("developer.decide", id).was(&before);
    write.commit(deed.became(&developer)).await?;
    Ok(developer)
}

/// Removes a developer with their applications, registrations and credentials.
pub async fn remove(acting: &Acting, id: DeveloperId) -> Result<()> {
    let mut write = acting.write(Duty::Manage).await?;
    let before = existing(&mut write, id).await?;
    acting.expect(before.updated_at)?;
    developer::remove(&mut write, id).await?;
    let deed = Deed::new("developer.remove", id).was(&before);
    write.commit(deed).await?;
    Ok(())
}

async fn existing(connection: &mut Connection, id: DeveloperId) -> Result<Developer> {
    developer::lookup(connection, id)
        .await?
        .ok_or(AdministrationError::Unknown)
}

const fn approved() -> DeveloperStatus {
    DeveloperStatus::Approved
}
