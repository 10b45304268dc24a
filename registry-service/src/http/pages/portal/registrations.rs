//! What an application is registered for.

use serde::Serialize;

use crate::domain::id::{ApiProductId, ApplicationId, ProductVersionId, RegistrationId};
use crate::domain::registration::RegistrationStatus;
use crate::domain::timestamp::Timestamp;
use crate::http::pages::portal::guest::Member;
use crate::http::pages::portal::welcome::done;
use crate::http::pages::visit::Confirmation;
use crate::http::pages::{Form, PageError, PageResult};
use crate::http::path::Named;
use crate::self_service::application::MOST_APPLICATIONS;
use crate::self_service::registration;
use crate::storage::Range;
use crate::storage::own::registration::Wanted;
use crate::storage::registration::Overview;

/// The ids in the path of a registration.
pub(super) type Ids = (ApplicationId, RegistrationId);

/// A registration as the application's page shows it.
#[derive(Serialize)]
pub(super) struct Registered {
    pub(super) id: RegistrationId,
    pub(super) product: ApiProductId,
    pub(super) product_name: String,
    pub(super) version: ProductVersionId,
    pub(super) version_name: String,
    pub(super) status: RegistrationStatus,
    pub(super) message: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) updated_at: Timestamp,
}

/// Reads the registrations of an application.
pub(super) async fn of(
    member: &Member,
    application: ApplicationId,
) -> Result<Vec<Registered>, PageError> {
    // An application has at most one for each version; nobody publishes more than this.
    let all = Range {
        limit: MOST_APPLICATIONS,
        offset: 0,
    };
    let wanted = (application, Wanted::default(), all);
    let list = registration::list(&member.visit.registry, member.signed_in, wanted).await?;
    Ok(list.items.into_iter().map(registered).collect())
}

/// Asks before a registration is withdrawn.
pub(super) async fn ask_withdraw(member: Member, Named(ids): Named<Ids>) -> PageResult {
    let found = registration::lookup(&member.visit.registry, member.signed_in, ids).await?;
    let what = format!("{} {}", found.product_name, found.version_name);
    member.visit.confirm(Confirmation {
        title: format!("Give up access to {what}?"),
        consequences: vec![
            format!(
                "{} may not call {what} any more; its keys go on working elsewhere.",
                found.application_name
            ),
            "You can ask for access again.".to_owned(),
        ],
        action: format!("/applications/{}/registrations/{}/withdraw", ids.0, ids.1),
        button: "Give up access",
        keep: "Keep it",
        back: format!("/applications/{}", ids.0),
    })
}

/// Withdraws a registration.
pub(super) async fn withdraw(member: Member, Named(ids): Named<Ids>, _: Form) -> PageResult {
    let visit = &member.visit;
    registration::withdraw(&visit.registry, member.signed_in, ids).await?;
    let to = format!("/applications/{}", ids.0);
    Ok(done(visit, &to, "The registration is withdrawn."))
}

/// Prepares a registration for a page.
pub(super) fn registered(overview: Overview) -> Registered {
    let registration = overview.registration;
    Registered {
        id: registration.id,
        product: overview.product,
        product_name: overview.product_name.to_string(),
        version: registration.product_version,
        version_name: overview.version_name.to_string(),
        status: registration.status,
        message: registration.message.map(|text| text.to_string()),
        reason: registration.reason.map(|text| text.to_string()),
        updated_at: registration.updated_at,
    }
}
