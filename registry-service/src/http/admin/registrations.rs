//! Registrations: who may call which product version.

use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;

use crate::administration::registrations::{self, Decision, NewRegistration};
use crate::domain::id::{
    ApiProductId, ApplicationId, DeveloperId, PortalId, ProductVersionId, RegistrationId,
};
use crate::domain::registration::RegistrationStatus;
use crate::domain::text::{Email, Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Asked, Caller, Created, Named, created};
use crate::http::body::Body;
use crate::http::paging::Listed;
use crate::http::problem::Problem;
use crate::storage::registration::Overview;

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

/// What names a registration.
type Path = (PortalId, ApplicationId, RegistrationId);

/// Lists the registrations.
pub(super) async fn list(
    Caller(acting): Caller,
    asked: Asked,
) -> Answer<Listed<ApplicationRegistration>> {
    let list = registrations::list(&acting, &asked.wanted).await?;
    Ok(asked.answer(list, ApplicationRegistration::from))
}

/// Lists the registrations of an application.
pub(super) async fn list_of_application(
    Caller(acting): Caller,
    Named((_, application)): Named<(PortalId, ApplicationId)>,
    asked: Asked,
) -> Answer<Listed<ApplicationRegistration>> {
    let wanted = asked.wanted.clone();
    let list = registrations::list_of_application(&acting, application, wanted).await?;
    Ok(asked.answer(list, ApplicationRegistration::from))
}

/// Adds a registration, whatever the portal would have said to the developer.
pub(super) async fn add(
    Caller(acting): Caller,
    Body(new): Body<NewRegistration>,
) -> Created<ApplicationRegistration> {
    Ok(created(registrations::add(&acting, new).await?.into()))
}

/// Shows a registration.
pub(super) async fn lookup(
    Caller(acting): Caller,
    Named((_, application, id)): Named<Path>,
) -> Answer<ApplicationRegistration> {
    let overview = registrations::lookup(&acting, application, id).await?;
    Ok(Json(overview.into()))
}

/// Approves, rejects or revokes a registration.
pub(super) async fn decide(
    Caller(acting): Caller,
    Named((_, application, id)): Named<Path>,
    Body(decision): Body<Decision>,
) -> Answer<ApplicationRegistration> {
    let overview = registrations::decide(&acting, (application, id), decision).await?;
    Ok(Json(overview.into()))
}

/// Removes a registration; the application may ask again.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named((_, application, id)): Named<Path>,
) -> Result<StatusCode, Problem> {
    registrations::remove(&acting, application, id).await?;
    Ok(StatusCode::NO_CONTENT)
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
