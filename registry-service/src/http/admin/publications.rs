//! `/v2/portals/{portal}/product-versions`: what the portal shows, and how one registers for it.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::id::{AuthStrategyId, PortalId, ProductVersionId, PublicationId};
use crate::domain::publication::{Publication, PublishStatus};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Caller, Created, Named, created};
use crate::http::admin::portals;
use crate::http::body::Body;
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;
use crate::storage::{Connection, Deed, List, Write, auth_strategy, product, publication};

/// A publication on the wire.
#[derive(Debug, Serialize)]
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
#[derive(Debug, Serialize)]
pub(super) struct Strategy {
    id: AuthStrategyId,
    name: Line<255>,
}

/// A publication to be made; it says which version is published.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPublication {
    product_version_id: ProductVersionId,
    publish_status: PublishStatus,
    auth_strategy_ids: Vec<AuthStrategyId>,
    application_registration_enabled: bool,
    auto_approve_registration: bool,
    #[serde(default)]
    deprecated: bool,
    #[serde(default, rename = "notify_developers")]
    _notify_developers: bool,
}

/// A publication to replace another; the path says which version is published.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Replacement {
    publish_status: PublishStatus,
    auth_strategy_ids: Vec<AuthStrategyId>,
    application_registration_enabled: bool,
    auto_approve_registration: bool,
    #[serde(default)]
    deprecated: bool,
    #[serde(default, rename = "notify_developers")]
    _notify_developers: bool,
}

/// What may be changed about a publication.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    publish_status: Option<PublishStatus>,
    auth_strategy_ids: Option<Vec<AuthStrategyId>>,
    application_registration_enabled: Option<bool>,
    auto_approve_registration: Option<bool>,
    deprecated: Option<bool>,
    #[serde(default, rename = "notify_developers")]
    _notify_developers: bool,
}

/// Lists the publications.
pub(super) async fn list(
    caller: Caller,
    Named(portal): Named<String>,
    paging: Paging,
) -> Answer<Listed<PortalProductVersion>> {
    let mut snapshot = caller.read().await?;
    let portal = portals::named(&mut snapshot, &portal).await?;
    let list = publication::list(&mut snapshot, paging.range()).await?;
    let mut items = Vec::new();
    for publication in list.items {
        items.push(shown(&mut snapshot, portal.id, publication).await?);
    }
    let total = list.total;
    Ok(Json(paging.answer(List { items, total }, |item| item)))
}

/// Publishes a product version.
pub(super) async fn add(
    caller: Caller,
    Named(portal): Named<String>,
    Body(new): Body<NewPublication>,
) -> Created<PortalProductVersion> {
    let mut write = caller.write().await?;
    let portal = portals::named(&mut write, &portal).await?;
    let version = new.product_version_id;
    if product::lookup_version(&mut write, version)
        .await?
        .is_none()
    {
        let field = "product_version_id";
        return Err(Problem::invalid_field(
            field,
            "exists",
            "names no product version",
        ));
    }
    let publication = unpublished(&caller, version);
    publication::add(&mut write, &publication).await?;
    let changes = Changes::from(new);
    let publication = applied(&mut write, changes, publication, caller.now()).await?;
    let answer = shown(&mut write, portal.id, publication).await?;
    write
        .commit(Deed::new("publication.add", answer.id))
        .await?;
    Ok(created(answer))
}

/// Shows a publication.
pub(super) async fn lookup(
    caller: Caller,
    Named((portal, version)): Named<(String, ProductVersionId)>,
) -> Answer<PortalProductVersion> {
    let mut snapshot = caller.read().await?;
    let portal = portals::named(&mut snapshot, &portal).await?;
    let publication = existing(&mut snapshot, version).await?;
    Ok(Json(shown(&mut snapshot, portal.id, publication).await?))
}

/// Publishes a product version, whether it is already or not.
pub(super) async fn replace(
    caller: Caller,
    Named((portal, version)): Named<(String, ProductVersionId)>,
    Body(replacement): Body<Replacement>,
) -> Answer<PortalProductVersion> {
    let mut write = caller.write().await?;
    let portal = portals::named(&mut write, &portal).await?;
    if product::lookup_version(&mut write, version)
        .await?
        .is_none()
    {
        return Err(Problem::not_found());
    }
    let found = publication::find_by_version(&mut write, version).await?;
    let publication = if let Some(publication) = found {
        publication
    } else {
        let publication = unpublished(&caller, version);
        publication::add(&mut write, &publication).await?;
        publication
    };
    let changes = Changes::from(replacement);
    let publication = applied(&mut write, changes, publication, caller.now()).await?;
    let answer = shown(&mut write, portal.id, publication).await?;
    write
        .commit(Deed::new("publication.replace", answer.id))
        .await?;
    Ok(Json(answer))
}

/// Changes a publication.
pub(super) async fn change(
    caller: Caller,
    Named((portal, version)): Named<(String, ProductVersionId)>,
    Body(changes): Body<Changes>,
) -> Answer<PortalProductVersion> {
    let mut write = caller.write().await?;
    let portal = portals::named(&mut write, &portal).await?;
    let publication = existing(&mut write, version).await?;
    let publication = applied(&mut write, changes, publication, caller.now()).await?;
    let answer = shown(&mut write, portal.id, publication).await?;
    write
        .commit(Deed::new("publication.update", answer.id))
        .await?;
    Ok(Json(answer))
}

/// Removes a publication: the version leaves the catalogue, and without a strategy it is closed.
pub(super) async fn remove(
    caller: Caller,
    Named((portal, version)): Named<(String, ProductVersionId)>,
) -> Result<StatusCode, Problem> {
    let mut write = caller.write().await?;
    portals::named(&mut write, &portal).await?;
    let publication = existing(&mut write, version).await?;
    publication::remove(&mut write, version).await?;
    write
        .commit(Deed::new("publication.remove", publication.id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

// === impl Changes ===

impl From<NewPublication> for Changes {
    fn from(new: NewPublication) -> Self {
        Self {
            publish_status: Some(new.publish_status),
            auth_strategy_ids: Some(new.auth_strategy_ids),
            application_registration_enabled: Some(new.application_registration_enabled),
            auto_approve_registration: Some(new.auto_approve_registration),
            deprecated: Some(new.deprecated),
            _notify_developers: false,
        }
    }
}

impl From<Replacement> for Changes {
    fn from(new: Replacement) -> Self {
        Self {
            publish_status: Some(new.publish_status),
            auth_strategy_ids: Some(new.auth_strategy_ids),
            application_registration_enabled: Some(new.application_registration_enabled),
            auto_approve_registration: Some(new.auto_approve_registration),
            deprecated: Some(new.deprecated),
            _notify_developers: false,
        }
    }
}

async fn existing(
    connection: &mut Connection,
    version: ProductVersionId,
) -> Result<Publication, Problem> {
    publication::find_by_version(connection, version)
        .await?
        .ok_or_else(Problem::not_found)
}

fn unpublished(caller: &Caller, product_version: ProductVersionId) -> Publication {
    Publication {
        id: PublicationId(caller.new_id()),
        product_version,
        publish_status: PublishStatus::Unpublished,
        application_registration_enabled: false,
        auto_approve_registration: false,
        auth_strategy: None,
        created_at: caller.now(),
        updated_at: caller.now(),
    }
}

/// Applies changes to a publication, and to its version what is kept there, and keeps both.
async fn applied(
    write: &mut Write,
    changes: Changes,
    mut publication: Publication,
    now: Timestamp,
) -> Result<Publication, Problem> {
    if let Some(ids) = changes.auth_strategy_ids {
        publication.auth_strategy = single(write, &ids).await?;
    }
    if let Some(status) = changes.publish_status {
        publication.publish_status = status;
    }
    if let Some(enabled) = changes.application_registration_enabled {
        publication.application_registration_enabled = enabled;
    }
    if let Some(automatic) = changes.auto_approve_registration {
        publication.auto_approve_registration = automatic;
    }
    if publication.application_registration_enabled && publication.auth_strategy.is_none() {
        let reason = "must name a strategy when application registration is enabled";
        return Err(Problem::invalid_field(
            "auth_strategy_ids",
            "required",
            reason,
        ));
    }
    publication.updated_at = now;
    publication::update(write, &publication).await?;
    let version = product::lookup_version(write, publication.product_version).await?;
    if let (Some(mut version), Some(deprecated)) = (version, changes.deprecated) {
        version.deprecated = deprecated;
        version.updated_at = now;
        product::update_version(write, &version).await?;
    }
    Ok(publication)
}

/// Returns the one strategy of a list; Konnect's API takes several, its portal uses the first.
async fn single(
    connection: &mut Connection,
    ids: &[AuthStrategyId],
) -> Result<Option<AuthStrategyId>, Problem> {
    let refused = |rule, reason| Problem::invalid_field("auth_strategy_ids", rule, reason);
    let id = match ids {
        [] => return Ok(None),
        [id] => *id,
        _ => return Err(refused("max_items", "must name at most one strategy")),
    };
    match auth_strategy::lookup(connection, id).await? {
        Some(_) => Ok(Some(id)),
        None => Err(refused("exists", "names no strategy")),
    }
}

async fn shown(
    connection: &mut Connection,
    portal: PortalId,
    publication: Publication,
) -> Result<PortalProductVersion, Problem> {
    let version = product::lookup_version(connection, publication.product_version).await?;
    let strategy = match publication.auth_strategy {
        Some(id) => auth_strategy::lookup(connection, id).await?,
        None => None,
    };
    let strategy = strategy.map(|strategy| Strategy {
        id: strategy.id,
        name: strategy.name,
    });
    Ok(PortalProductVersion {
        id: publication.id,
        portal_id: portal,
        product_version_id: publication.product_version,
        publish_status: publication.publish_status,
        application_registration_enabled: publication.application_registration_enabled,
        auto_approve_registration: publication.auto_approve_registration,
        deprecated: version.is_some_and(|version| version.deprecated),
        auth_strategies: strategy.into_iter().collect(),
        created_at: publication.created_at,
        updated_at: publication.updated_at,
    })
}
