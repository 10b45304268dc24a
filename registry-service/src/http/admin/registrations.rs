//! Registrations: who may call which product version.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::id::{
    ApiProductId, ApplicationId, DeveloperId, ProductVersionId, RegistrationId,
};
use crate::domain::registration::{Registration, RegistrationStatus};
use crate::domain::text::{Email, Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Caller, Created, Filters, Named, created};
use crate::http::admin::{applications, portals};
use crate::http::body::Body;
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;
use crate::storage::registration::Overview;
use crate::storage::{Connection, Deed, StorageError, publication, registration};

/// A registration on the wire.
#[derive(Debug, Serialize)]
pub(super) struct ApplicationRegistration {
    id: RegistrationId,
    status: RegistrationStatus,
    application_id: ApplicationId,
    application_name: Line<255>,
    developer_id: Option<DeveloperId>,
    developer_email: Option<Email>,
    product_id: ApiProductId,
    product_name: Line<100>,
    product_version_id: ProductVersionId,
    product_version_name: Line<255>,
    message: Option<Prose<1024>>,
    reason: Option<Prose<1024>>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Which registrations are wanted.
#[derive(Debug, Deserialize)]
pub(super) struct Filter {
    #[serde(rename = "filter[status]")]
    status: Option<RegistrationStatus>,
}

/// A registration to be made by an administrator.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRegistration {
    application_id: ApplicationId,
    product_version_id: ProductVersionId,
    #[serde(default = "approved")]
    status: RegistrationStatus,
}

/// A decision about a registration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    status: RegistrationStatus,
    reason: Option<Prose<1024>>,
}

/// What names a registration.
type Path = (String, ApplicationId, RegistrationId);

/// Lists the registrations.
pub(super) async fn list(
    caller: Caller,
    Named(portal): Named<String>,
    Filters(filter): Filters<Filter>,
    paging: Paging,
) -> Answer<Listed<ApplicationRegistration>> {
    let filter = registration::Filter {
        application: None,
        status: filter.status,
    };
    listed(&caller, &portal, filter, paging).await
}

/// Lists the registrations of an application.
pub(super) async fn list_of_application(
    caller: Caller,
    Named((portal, application)): Named<(String, ApplicationId)>,
    Filters(filter): Filters<Filter>,
    paging: Paging,
) -> Answer<Listed<ApplicationRegistration>> {
    let filter = registration::Filter {
        application: Some(application),
        status: filter.status,
    };
    listed(&caller, &portal, filter, paging).await
}

/// Adds a registration, whatever the portal would have said to the developer.
pub(super) async fn add(
    caller: Caller,
    Body(new): Body<NewRegistration>,
) -> Created<ApplicationRegistration> {
    let refused = |field, reason| Problem::invalid_field(field, "exists", reason);
    let now = caller.now();
    let mut write = caller.write().await?;
    let application = applications::existing(&mut write, new.application_id)
        .await
        .map_err(|_| refused("application_id", "names no application"))?;
    let publication = publication::find_by_version(&mut write, new.product_version_id)
        .await?
        .ok_or_else(|| refused("product_version_id", "names no published product version"))?;
    publication.accepts(application.auth_strategy)?;
    let registration = Registration {
        id: RegistrationId(caller.new_id()),
        application: application.id,
        product_version: new.product_version_id,
        status: new.status,
        message: None,
        reason: None,
        created_at: now,
        updated_at: now,
    };
    registration::add(&mut write, &registration)
        .await
        .map_err(already_registered)?;
    let answer = shown(&mut write, registration.id).await?;
    write
        .commit(Deed::new("registration.add", answer.id))
        .await?;
    Ok(created(answer))
}

/// Shows a registration.
pub(super) async fn lookup(
    caller: Caller,
    Named((portal, application, id)): Named<Path>,
) -> Answer<ApplicationRegistration> {
    let mut snapshot = caller.read().await?;
    portals::named(&mut snapshot, &portal).await?;
    existing(&mut snapshot, application, id).await?;
    Ok(Json(shown(&mut snapshot, id).await?))
}

/// Approves, rejects or revokes a registration.
pub(super) async fn decide(
    caller: Caller,
    Named((portal, application, id)): Named<Path>,
    Body(decision): Body<Decision>,
) -> Answer<ApplicationRegistration> {
    let mut write = caller.write().await?;
    portals::named(&mut write, &portal).await?;
    let registration = existing(&mut write, application, id).await?;
    let mut registration = registration.decide(decision.status, caller.now())?;
    registration.reason = decision.reason;
    registration::update(&mut write, &registration).await?;
    let answer = shown(&mut write, id).await?;
    write.commit(Deed::new("registration.decide", id)).await?;
    Ok(Json(answer))
}

/// Removes a registration; the application may ask again.
pub(super) async fn remove(
    caller: Caller,
    Named((portal, application, id)): Named<Path>,
) -> Result<StatusCode, Problem> {
    let mut write = caller.write().await?;
    portals::named(&mut write, &portal).await?;
    let registration = existing(&mut write, application, id).await?;
    registration::remove(&mut write, &registration).await?;
    write.commit(Deed::new("registration.remove", id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn listed(
    caller: &Caller,
    portal: &str,
    filter: registration::Filter,
    paging: Paging,
) -> Answer<Listed<ApplicationRegistration>> {
    let mut snapshot = caller.read().await?;
    portals::named(&mut snapshot, portal).await?;
    if let Some(application) = filter.application {
        applications::existing(&mut snapshot, application).await?;
    }
    let list = registration::list(&mut snapshot, filter, paging.range()).await?;
    Ok(Json(paging.answer(list, ApplicationRegistration::from)))
}

async fn existing(
    connection: &mut Connection,
    application: ApplicationId,
    id: RegistrationId,
) -> Result<Registration, Problem> {
    registration::lookup(connection, application, id)
        .await?
        .ok_or_else(Problem::not_found)
}

async fn shown(
    connection: &mut Connection,
    id: RegistrationId,
) -> Result<ApplicationRegistration, Problem> {
    registration::overview_of(connection, id)
        .await?
        .map(ApplicationRegistration::from)
        .ok_or_else(Problem::not_found)
}

const fn approved() -> RegistrationStatus {
    RegistrationStatus::Approved
}

fn already_registered(error: StorageError) -> Problem {
    match error {
        StorageError::Duplicate => {
            Problem::conflict("the application is registered for this product version already")
        }
        error => error.into(),
    }
}

impl From<Overview> for ApplicationRegistration {
    fn from(overview: Overview) -> Self {
        let registration = overview.registration;
        let (developer_id, developer_email) = overview.developer.unzip();
        Self {
            id: registration.id,
            status: registration.status,
            application_id: registration.application,
            application_name: overview.application_name,
            developer_id,
            developer_email,
            product_id: overview.product,
            product_name: overview.product_name,
            product_version_id: registration.product_version,
            product_version_name: overview.version_name,
            message: registration.message,
            reason: registration.reason,
            created_at: registration.created_at,
            updated_at: registration.updated_at,
        }
    }
}
