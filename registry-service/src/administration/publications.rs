//! Product versions as the portal shows them, and how one registers for them.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::administration::{Acting, AdministrationError, InvalidField, Result};
use crate::domain::access::Duty;
use crate::domain::auth_strategy::AuthStrategy;
use crate::domain::id::{AuthStrategyId, PortalId, ProductVersionId, PublicationId};
use crate::domain::publication::{Publication, PublishStatus};
use crate::storage::{
    Connection, Deed, List, Wanted, Write, auth_strategy, portal, product, publication,
};

/// A publication, and what is known around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationView {
    /// The publication.
    pub publication: Publication,
    /// The portal that shows it.
    pub portal: PortalId,
    /// Whether developers are warned off the version.
    pub deprecated: bool,
    /// How applications authenticate; none closes the version.
    pub strategy: Option<AuthStrategy>,
}

/// A publication as it shall be, whether the version was published before or not.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Whether the catalogue shows it.
    pub publish_status: PublishStatus,
    /// At most one: Konnect's API takes several, its portal uses the first.
    pub auth_strategy_ids: Vec<AuthStrategyId>,
    /// Whether new registrations are taken.
    pub application_registration_enabled: bool,
    /// Whether they are approved at once.
    pub auto_approve_registration: bool,
    /// Whether developers are warned off it.
    #[serde(default)]
    pub deprecated: bool,
    /// Konnect's; there is no such mail.
    #[serde(default)]
    pub notify_developers: bool,
}

/// What may be changed about a publication.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicationChanges {
    /// Whether the catalogue shows it.
    pub publish_status: Option<PublishStatus>,
    /// At most one; none closes the version.
    pub auth_strategy_ids: Option<Vec<AuthStrategyId>>,
    /// Whether new registrations are taken.
    pub application_registration_enabled: Option<bool>,
    /// Whether they are approved at once.
    pub auto_approve_registration: Option<bool>,
    /// Whether developers are warned off it.
    pub deprecated: Option<bool>,
    /// Konnect's; there is no such mail.
    #[serde(default)]
    pub notify_developers: bool,
}

/// Lists publications.
pub async fn list(acting: &Acting, wanted: &Wanted) -> Result<List<PublicationView>> {
    let mut snapshot = acting.read().await?;
    let list = publication::list(&mut snapshot, wanted).await?;
    let mut items = Vec::new();
    for publication in list.items {
        items.push(view(&mut snapshot, publication).await?);
    }
    let total = list.total;
    Ok(List { items, total })
}

/// Publishes a product version that has no publication yet.
pub async fn add(
    acting: &Acting,
    version: ProductVersionId,
    terms: Terms,
) -> Result<PublicationView> {
    let mut write = acting.write(Duty::Manage).await?;
    if !has_version(&mut write, version).await? {
        let (field, reason) = ("product_version_id", "names no product version");
        return Err(InvalidField::new(field, "exists", reason).into());
    }
    let publication = unpublished(acting, version);
    publication::add(&mut write, &publication).await?;
    let deed = Deed::new("publication.add", publication.id);
    finish(write, (publication, terms.into()), deed).await
}

/// Reads the publication of a product version.
pub async fn lookup(acting: &Acting, version: ProductVersionId) -> Result<PublicationView> {
    let mut snapshot = acting.read().await?;
    let publication = existing(&mut snapshot, version).await?;
    view(&mut snapshot, publication).await
}

/// Publishes a product version, whether it is already or not.
pub async fn replace(
    acting: &Acting,
    version: ProductVersionId,
    terms: Terms,
) -> Result<PublicationView> {
    let mut write = acting.write(Duty::Manage).await?;
    if !has_version(&mut write, version).await? {
        return Err(AdministrationError::Unknown);
    }
    let found = publication::find_by_version(&mut write, version).await?;
    let mut deed = Deed::new("publication.replace", version);
    let publication = if let Some(before) = found {
        acting.expect(before.updated_at)?;
        deed = Deed::new("publication.replace", before.id).was(&before);
        Publication {
            updated_at: write.now.later_than(before.updated_at),
            ..before
        }
    } else {
        let publication = unpublished(acting, version);
        publication::add(&mut write, &publication).await?;
        publication
    };
    finish(write, (publication, terms.into()), deed).await
}

/// Changes the publication of a product version. Unpublishing it or turning registration off stops
/// new registrations, not traffic; taking its strategy closes it.
pub async fn change(
    acting: &Acting,
    version: ProductVersionId,
    changes: PublicationChanges,
) -> Result<PublicationView> {
    let mut write = acting.write(Duty::Manage).await?;
    let mut publication = existing(&mut write, version).await?;
    acting.expect(publication.updated_at)?;
    let deed = Deed::new("publication.update", publication.id).was(&publication);
    publication.updated_at = write.now.later_than(publication.updated_at);
    finish(write, (publication, changes), deed).await
}

/// Removes a publication: the version leaves the catalogue, and without a strategy it is closed.
pub async fn remove(acting: &Acting, version: ProductVersionId) -> Result<()> {
    let mut write = acting.write(Duty::Manage).await?;
    let publication = existing(&mut write, version).await?;
    acting.expect(publication.updated_at)?;
    publication::remove(&mut write, version).await?;
    let deed = Deed::new("publication.remove", publication.id).was(&publication);
    write.commit(deed).await?;
    Ok(())
}

// === impl PublicationChanges ===

impl From<Terms> for PublicationChanges {
    fn from(terms: Terms) -> Self {
        Self {
            publish_status: Some(terms.publish_status),
            auth_strategy_ids: Some(terms.auth_strategy_ids),
            application_registration_enabled: Some(terms.application_registration_enabled),
            auto_approve_registration: Some(terms.auto_approve_registration),
            deprecated: Some(terms.deprecated),
            notify_developers: terms.notify_developers,
        }
    }
}

async fn has_version(connection: &mut Connection, version: ProductVersionId) -> Result<bool> {
    Ok(product::lookup_version(connection, version)
        .await?
        .is_some())
}

async fn existing(connection: &mut Connection, version: ProductVersionId) -> Result<Publication> {
    publication::find_by_version(connection, version)
        .await?
        .ok_or(AdministrationError::Unknown)
}

fn unpublished(acting: &Acting, product_version: ProductVersionId) -> Publication {
    let now = acting.now();
    Publication {
        id: PublicationId(acting.new_id()),
        product_version,
        publish_status: PublishStatus::Unpublished,
        application_registration_enabled: false,
        auto_approve_registration: false,
        auth_strategy: None,
        created_at: now,
        updated_at: now,
    }
}

/// Applies changes to a publication, keeps it, and ends the write.
async fn finish(
    mut write: Write,
    (mut publication, changes): (Publication, PublicationChanges),
    deed: Deed,
) -> Result<PublicationView> {
    let now = write.now;
    if let Some(ids) = &changes.auth_strategy_ids {
        publication.auth_strategy = single(&mut write, ids).await?;
    }
    changes.apply(&mut publication)?;
    publication::update(&mut write, &publication).await?;
    let version = product::lookup_version(&mut write, publication.product_version).await?;
    if let (Some(mut version), Some(deprecated)) = (version, changes.deprecated)
        && version.deprecated != deprecated
    {
        version.deprecated = deprecated;
        version.updated_at = now.later_than(version.updated_at);
        product::update_version(&mut write, &version).await?;
    }
    let view = view(&mut write, publication).await?;
    write.commit(deed.became(&view.publication)).await?;
    Ok(view)
}

impl PublicationChanges {
    /// Applies what concerns neither strategy nor version, which are looked up first.
    fn apply(&self, publication: &mut Publication) -> Result<()> {
        if let Some(status) = self.publish_status {
            publication.publish_status = status;
        }
        if let Some(enabled) = self.application_registration_enabled {
            publication.application_registration_enabled = enabled;
        }
        if let Some(automatic) = self.auto_approve_registration {
            publication.auto_approve_registration = automatic;
        }
        if publication.application_registration_enabled && publication.auth_strategy.is_none() {
            let reason = "must name a strategy when application registration is enabled";
            return Err(InvalidField::new("auth_strategy_ids", "required", reason).into());
        }
        Ok(())
    }
}

/// Returns the one strategy of a list.
async fn single(
    connection: &mut Connection,
    ids: &[AuthStrategyId],
) -> Result<Option<AuthStrategyId>> {
    let refused = |rule, reason| InvalidField::new("auth_strategy_ids", rule, reason).into();
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

async fn view(connection: &mut Connection, publication: Publication) -> Result<PublicationView> {
    let version = product::lookup_version(connection, publication.product_version).await?;
    let strategy = match publication.auth_strategy {
        Some(id) => auth_strategy::lookup(connection, id).await?,
        None => None,
    };
    Ok(PublicationView {
        portal: portal::lookup(connection).await?.id,
        deprecated: version.is_some_and(|version| version.deprecated),
        strategy,
        publication,
    })
}
