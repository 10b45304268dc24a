//! Registrations: who may call which product version.

use axum::Json;
use axum::response::NoContent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::administration::registrations::{self, Decision, NewRegistration};
use crate::domain::id::{
    ApiProductId, ApplicationId, DeveloperId, PortalId, ProductVersionId, RegistrationId,
};
use crate::domain::registration::RegistrationStatus;
use crate::domain::text::{Email, Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{
    Answer, Asked, Caller, Created, Named, One, Single, created, one,
};
use crate::http::body::Body;
use crate::http::paging::Listed;
use crate::http::problem::Problem;
use crate::storage::registration::Overview;

/// A registration on the wire.
#[derive(Debug, Serialize, JsonSchema)]
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

/// One decision about many registrations.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ManyDecisions {
    ids: Vec<RegistrationId>,
    status: RegistrationStatus,
    reason: Option<Prose<1024>>,
}

/// What became of many registrations.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Outcomes {
    decided: Vec<ApplicationRegistration>,
    refused: Vec<Refused>,
}

/// A registration that could not be decided so.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Refused {
    id: RegistrationId,
    message: String,
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
    Ok(created(single(registrations::add(&acting, new).await?)))
}

/// Shows a registration.
pub(super) async fn lookup(
    Caller(acting): Caller,
    Named((_, application, id)): Named<Path>,
) -> Single<ApplicationRegistration> {
    let overview = registrations::lookup(&acting, application, id).await?;
    Ok(single(overview))
}

/// Approves, rejects or revokes a registration.
pub(super) async fn decide(
    Caller(acting): Caller,
    Named((_, application, id)): Named<Path>,
    Body(decision): Body<Decision>,
) -> Single<ApplicationRegistration> {
    let overview = registrations::decide(&acting, (application, id), decision).await?;
    Ok(single(overview))
}

/// Approves, rejects or revokes many registrations; each that cannot be is named with the reason.
pub(super) async fn decide_all(
    Caller(acting): Caller,
    Body(many): Body<ManyDecisions>,
) -> Answer<Outcomes> {
    let ManyDecisions {
        ids,
        status,
        reason,
    } = many;
    let decision = Decision { status, reason };
    let mut outcomes = Outcomes::default();
    for (id, outcome) in registrations::decide_all(&acting, &ids, &decision).await? {
        match outcome {
            Ok(overview) => outcomes.decided.push(overview.into()),
            Err(error) => outcomes.refused.push(Refused {
                id,
                message: error.to_string(),
            }),
        }
    }
    Ok(Json(outcomes))
}

/// Removes a registration; the application may ask again.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named((_, application, id)): Named<Path>,
) -> Result<NoContent, Problem> {
    registrations::remove(&acting, application, id).await?;
    Ok(NoContent)
}

fn single(overview: Overview) -> One<ApplicationRegistration> {
    one(overview.registration.updated_at, overview.into())
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
