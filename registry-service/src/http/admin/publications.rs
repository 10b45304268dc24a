//! `/v2/portals/{portal}/product-versions`: what the portal shows, and how one registers for it.

use axum::response::NoContent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::administration::publications::{self, PublicationChanges, PublicationView, Terms};
use crate::domain::id::{AuthStrategyId, PortalId, ProductVersionId, PublicationId};
use crate::domain::publication::PublishStatus;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{
    Answer, Asked, Caller, Created, Named, One, Single, created, one,
};
use crate::http::body::Body;
use crate::http::paging::Listed;
use crate::http::problem::Problem;

/// A publication on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PortalProductVersion {
    id: PublicationId,
    portal_id: PortalId,
    product_version_id: ProductVersionId,
    publish_status: PublishStatus,
    application_registration_enabled: bool,
    auto_approve_registration: bool,
    deprecated: bool,
    auth_strategies: Vec<Strategy>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A strategy of a publication.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Strategy {
    id: AuthStrategyId,
    name: Line<255>,
}

/// A publication to be made; it says which version is published.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPublication {
    product_version_id: ProductVersionId,
    publish_status: PublishStatus,
    auth_strategy_ids: Vec<AuthStrategyId>,
    application_registration_enabled: bool,
    auto_approve_registration: bool,
    #[serde(default)]
    deprecated: bool,
    #[serde(default)]
    notify_developers: bool,
}

/// What names a publication: the portal and the version.
type Path = (PortalId, ProductVersionId);

/// Lists the publications.
pub(super) async fn list(
    Caller(acting): Caller,
    asked: Asked,
) -> Answer<Listed<PortalProductVersion>> {
    let list = publications::list(&acting, &asked.wanted).await?;
    Ok(asked.answer(list, shown))
}

/// Publishes a product version.
pub(super) async fn add(
    Caller(acting): Caller,
    Body(new): Body<NewPublication>,
) -> Created<PortalProductVersion> {
    let version = new.product_version_id;
    let view = publications::add(&acting, version, new.into()).await?;
    Ok(created(single(view)))
}

/// Shows a publication.
pub(super) async fn lookup(
    Caller(acting): Caller,
    Named((_, version)): Named<Path>,
) -> Single<PortalProductVersion> {
    Ok(single(publications::lookup(&acting, version).await?))
}

/// Publishes a product version, whether it is already or not.
pub(super) async fn replace(
    Caller(acting): Caller,
    Named((_, version)): Named<Path>,
    Body(terms): Body<Terms>,
) -> Single<PortalProductVersion> {
    let view = publications::replace(&acting, version, terms).await?;
    Ok(single(view))
}

/// Changes a publication.
pub(super) async fn change(
    Caller(acting): Caller,
    Named((_, version)): Named<Path>,
    Body(changes): Body<PublicationChanges>,
) -> Single<PortalProductVersion> {
    let view = publications::change(&acting, version, changes).await?;
    Ok(single(view))
}

/// Removes a publication: the version leaves the catalogue, and without a strategy it is closed.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named((_, version)): Named<Path>,
) -> Result<NoContent, Problem> {
    publications::remove(&acting, version).await?;
    Ok(NoContent)
}

// === impl NewPublication ===

impl From<NewPublication> for Terms {
    fn from(new: NewPublication) -> Self {
        Self {
            publish_status: new.publish_status,
            auth_strategy_ids: new.auth_strategy_ids,
            application_registration_enabled: new.application_registration_enabled,
            auto_approve_registration: new.auto_approve_registration,
            deprecated: new.deprecated,
            notify_developers: new.notify_developers,
        }
    }
}

fn single(view: PublicationView) -> One<PortalProductVersion> {
    one(view.publication.updated_at, shown(view))
}

fn shown(view: PublicationView) -> PortalProductVersion {
    let publication = view.publication;
    let strategy = view.strategy.map(|strategy| Strategy {
        id: strategy.id,
        name: strategy.name,
    });
    PortalProductVersion {
        id: publication.id,
        portal_id: view.portal,
        product_version_id: publication.product_version,
        publish_status: publication.publish_status,
        application_registration_enabled: publication.application_registration_enabled,
        auto_approve_registration: publication.auto_approve_registration,
        deprecated: view.deprecated,
        auth_strategies: strategy.into_iter().collect(),
        created_at: publication.created_at,
        updated_at: publication.updated_at,
    }
}
