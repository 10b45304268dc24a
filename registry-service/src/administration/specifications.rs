//! Specifications of product versions; a version has one at most.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::administration::{
    Acting, AdministrationError, Conflict, InvalidField, Result, encoded, versions,
};
use crate::domain::access::Duty;
use crate::domain::id::{ApiProductId, ProductVersionId, SpecificationId};
use crate::domain::specification::{Specification, SpecificationText};
use crate::domain::text::Line;
use crate::storage::{Connection, Deed, specification};

/// The ids that name a specification.
pub type Ids = (ApiProductId, ProductVersionId, SpecificationId);

/// A specification to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSpecification {
    /// The name of its file.
    pub name: Line<255>,
    /// An OpenAPI document in JSON or YAML, as base64.
    #[serde(deserialize_with = "encoded::base64")]
    pub content: String,
}

/// What may be changed about a specification.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpecificationChanges {
    /// The name of its file.
    pub name: Option<Line<255>>,
    /// An OpenAPI document in JSON or YAML, as base64.
    #[serde(default, deserialize_with = "encoded::some_base64")]
    pub content: Option<String>,
}

/// Reads the specification of a version, if it has one.
pub async fn of_version(
    acting: &Acting,
    product: ApiProductId,
    version: ProductVersionId,
) -> Result<Option<Specification>> {
    let mut snapshot = acting.read().await?;
    versions::existing(&mut snapshot, product, version).await?;
    Ok(specification::find_by_version(&mut snapshot, version).await?)
}

/// Adds the specification of a version.
pub async fn add(
    acting: &Acting,
    (product, version): (ApiProductId, ProductVersionId),
    new: NewSpecification,
) -> Result<Specification> {
    let content = read(new.content).await?;
    let mut write = acting.write(Duty::Manage).await?;
    versions::existing(&mut write, product, version).await?;
    let added = Specification {
        id: SpecificationId(acting.new_id()),
        version,
        name: new.name,
        content,
        created_at: write.now,
        updated_at: write.now,
    };
    specification::add(&mut write, &added)
        .await
        .map_err(Conflict::Specification.if_taken())?;
    let deed = Deed::new("specification.add", added.id).became(&added);
    write.commit(deed).await?;
    Ok(added)
}

/// Reads a specification.
pub async fn lookup(acting: &Acting, ids: Ids) -> Result<Specification> {
    let mut snapshot = acting.read().await?;
    existing(&mut snapshot, ids).await
}

/// Changes a specification.
pub async fn change(
    acting: &Acting,
    ids: Ids,
    changes: SpecificationChanges,
) -> Result<Specification> {
    let content = match changes.content {
        Some(content) => Some(read(content).await?),
        None => None,
    };
    let mut write = acting.write(Duty::Manage).await?;
    let before = existing(&mut write, ids).await?;
    acting.expect(before.updated_at)?;
    let mut kept = before.clone();
    kept.name = changes.name.unwrap_or(kept.name);
    kept.content = content.unwrap_or(kept.content);
    kept.updated_at = write.now.later_than(before.updated_at);
    specification::update(&mut write, &kept).await?;
    let deed = Deed::new("specification.update", kept.id).was(&before);
    write.commit(deed.became(&kept)).await?;
    Ok(kept)
}

/// Removes a specification.
pub async fn remove(acting: &Acting, ids: Ids) -> Result<()> {
    let mut write = acting.write(Duty::Manage).await?;
    let removed = existing(&mut write, ids).await?;
    acting.expect(removed.updated_at)?;
    specification::remove(&mut write, removed.version).await?;
    let deed = Deed::new("specification.remove", removed.id).was(&removed);
    write.commit(deed).await?;
    Ok(())
}

async fn existing(
    connection: &mut Connection,
    (product, version, id): Ids,
) -> Result<Specification> {
    versions::existing(connection, product, version).await?;
    specification::find_by_version(connection, version)
        .await?
        .filter(|found| found.id == id)
        .ok_or(AdministrationError::Unknown)
}

/// Reads a text as a specification, where nobody else waits for it: large ones take a while.
async fn read(text: String) -> Result<SpecificationText> {
    let reading = tokio::task::spawn_blocking(move || SpecificationText::parse(&text));
    let refused = |reason: String| InvalidField::new("content", "openapi", reason);
    match reading.await {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(refused(error.to_string()).into()),
        Err(_) => Err(refused("cannot be read".to_owned()).into()),
    }
}
