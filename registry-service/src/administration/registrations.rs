//! Registrations: who may call which product version.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::administration::{
    Acting, AdministrationError, Conflict, InvalidField, Result, applications,
};
use crate::domain::access::Duty;
use crate::domain::id::{ApplicationId, ProductVersionId, RegistrationId};
use crate::domain::registration::{Registration, RegistrationStatus};
use crate::domain::text::Prose;
use crate::mail::notices;
use crate::storage::registration::Overview;
use crate::storage::{Connection, Deed, List, Wanted, Write, publication, registration};

/// How many registrations are decided at once at most.
const MOST_DECISIONS: usize = 100;

/// A registration to be made by an administrator.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRegistration {
    /// Who may.
    pub application_id: ApplicationId,
    /// Call what.
    pub product_version_id: ProductVersionId,
    /// How it begins.
    #[serde(default = "approved")]
    pub status: RegistrationStatus,
}

/// A decision about a registration.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// How it stands from now on.
    pub status: RegistrationStatus,
    /// What the developer is told.
    pub reason: Option<Prose<1024>>,
}

/// Lists registrations.
pub async fn list(acting: &Acting, wanted: &Wanted) -> Result<List<Overview>> {
    let mut snapshot = acting.read().await?;
    Ok(registration::list(&mut snapshot, wanted).await?)
}

/// Lists registrations of an application.
pub async fn list_of_application(
    acting: &Acting,
    application: ApplicationId,
    wanted: Wanted,
) -> Result<List<Overview>> {
    let mut snapshot = acting.read().await?;
    applications::existing(&mut snapshot, application).await?;
    let wanted = wanted.equal("application_id", application);
    Ok(registration::list(&mut snapshot, &wanted).await?)
}

/// Adds a registration, whatever the portal would have said to the developer.
pub async fn add(acting: &Acting, new: NewRegistration) -> Result<Overview> {
    let refused = |field, reason| InvalidField::new(field, "exists", reason);
    let mut write = acting.write(Duty::Manage).await?;
    let application = applications::existing(&mut write, new.application_id)
        .await
        .map_err(|error| match error {
            AdministrationError::Unknown => {
                refused("application_id", "names no application").into()
            }
            error => error,
        })?;
    let publication = publication::find_by_version(&mut write, new.product_version_id)
        .await?
        .ok_or_else(|| refused("product_version_id", "names no published product version"))?;
    publication.accepts(application.auth_strategy)?;
    let registration = Registration {
        id: RegistrationId(acting.new_id()),
        application: application.id,
        product_version: new.product_version_id,
        status: new.status,
        message: None,
        reason: None,
        created_at: write.now,
        updated_at: write.now,
    };
    registration::add(&mut write, &registration)
        .await
        .map_err(Conflict::Registered.if_taken())?;
    let overview = overview(&mut write, registration.id).await?;
    let deed = Deed::new("registration.add", registration.id).became(&registration);
    write.commit(deed).await?;
    Ok(overview)
}

/// Reads a registration of an application.
pub async fn lookup(
    acting: &Acting,
    application: ApplicationId,
    id: RegistrationId,
) -> Result<Overview> {
    let mut snapshot = acting.read().await?;
    existing(&mut snapshot, application, id).await?;
    overview(&mut snapshot, id).await
}

/// Approves, rejects or revokes a registration of an application.
pub async fn decide(
    acting: &Acting,
    (application, id): (ApplicationId, RegistrationId),
    decision: Decision,
) -> Result<Overview> {
    let mut write = acting.write(Duty::Decide).await?;
    let before = existing(&mut write, application, id).await?;
    acting.expect(before.updated_at)?;
    finish(acting, write, (before, decision)).await
}

/// Approves, rejects or revokes many registrations, each in a write of its own: one that cannot be
/// decided so is no obstacle to the others.
pub async fn decide_all(
    acting: &Acting,
    ids: &[RegistrationId],
    decision: &Decision,
) -> Result<Vec<(RegistrationId, Result<Overview>)>> {
    if !(1..=MOST_DECISIONS).contains(&ids.len()) {
        let reason = "must be 1 to 100";
        return Err(InvalidField::new("ids", "items", reason).into());
    }
    let mut outcomes = Vec::new();
    for id in ids {
        match decide_by_id(acting, *id, decision.clone()).await {
            // What one cannot, none can.
            Err(
                error
                @ (AdministrationError::NotPermitted { .. } | AdministrationError::Storage(_)),
            ) => {
                return Err(error);
            }
            outcome => outcomes.push((*id, outcome)),
        }
    }
    Ok(outcomes)
}

/// Removes a registration of an application, which may ask again.
pub async fn remove(acting: &Acting, application: ApplicationId, id: RegistrationId) -> Result<()> {
    let mut write = acting.write(Duty::Manage).await?;
    let registration = existing(&mut write, application, id).await?;
    acting.expect(registration.updated_at)?;
    registration::remove(&mut write, &registration).await?;
    let deed = Deed::new("registration.remove", id).was(&registration);
    write.commit(deed).await?;
    Ok(())
}

async fn decide_by_id(acting: &Acting, id: RegistrationId, decision: Decision) -> Result<Overview> {
    let mut write = acting.write(Duty::Decide).await?;
    let before = overview(&mut write, id).await?.registration;
    finish(acting, write, (before, decision)).await
}

async fn finish(
    acting: &Acting,
    mut write: Write,
    (before, decision): (Registration, Decision),
) -> Result<Overview> {
    let now = write.now.later_than(before.updated_at);
    let mut after = before.clone().decide(decision.status, now)?;
    after.reason = decision.reason;
    registration::update(&mut write, &after).await?;
    let overview = overview(&mut write, after.id).await?;
    if before.status != after.status {
        notices::registration_decided(&acting.registry, &mut write, &overview).await?;
    }
    let deed = Deed::new("registration.decide", after.id).was(&before);
    write.commit(deed.became(&after)).await?;
    Ok(overview)
}

async fn existing(
    connection: &mut Connection,
    application: ApplicationId,
    id: RegistrationId,
) -> Result<Registration> {
    registration::lookup(connection, application, id)
        .await?
        .ok_or(AdministrationError::Unknown)
}

async fn overview(connection: &mut Connection, id: RegistrationId) -> Result<Overview> {
    registration::overview_of(connection, id)
        .await?
        .ok_or(AdministrationError::Unknown)
}

const fn approved() -> RegistrationStatus {
    RegistrationStatus::Approved
}
