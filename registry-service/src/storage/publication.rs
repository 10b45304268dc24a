//! Product versions as the portal shows them.

use sqlx::any::AnyRow;

use crate::domain::change::Change;
use crate::domain::id::ProductVersionId;
use crate::domain::publication::{Publication, PublishStatus};
use crate::storage::list::{Field, Kind, Select};
use crate::storage::row::{found_by, moment, parsed, parsed_or_none, switch};
use crate::storage::{Connection, List, Result, Wanted, Write, service};

/// What lists of publications may be asked by.
const FIELDS: &[Field] = &[
    Field::named("id", "publication_id", Kind::Id),
    Field::column("product_version_id", Kind::Id),
    Field::column("auth_strategy_id", Kind::Id),
    Field::column("publish_status", Kind::Name(PublishStatus::NAMES)),
    Field::column("application_registration_enabled", Kind::Switch),
    Field::column("auto_approve_registration", Kind::Switch),
    Field::column("created_at", Kind::Moment),
    Field::column("updated_at", Kind::Moment),
];

/// Lists publications, the oldest first unless another order is wanted.
pub async fn list(connection: &mut Connection, wanted: &Wanted) -> Result<List<Publication>> {
    Select::new("*", "publication", "created_at, publication_id")
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, publication)
        .await
}

/// Reads the publication of a product version.
pub async fn find_by_version(
    connection: &mut Connection,
    id: ProductVersionId,
) -> Result<Option<Publication>> {
    let text = "select * from publication where product_version_id = $1";
    found_by(connection, (text, id.to_string()), publication).await
}

/// Adds a publication; the version's service opens if it has a strategy.
pub async fn add(write: &mut Write, publication: &Publication) -> Result<()> {
    sqlx::query(
        "insert into publication (publication_id, product_version_id, publish_status, \
         application_registration_enabled, auto_approve_registration, auth_strategy_id, \
         created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(publication.id.to_string())
    .bind(publication.product_version.to_string())
    .bind(publication.publish_status.name())
    .bind(i64::from(publication.application_registration_enabled))
    .bind(i64::from(publication.auto_approve_registration))
    .bind(publication.auth_strategy.map(|id| id.to_string()))
    .bind(publication.created_at.0)
    .bind(publication.updated_at.0)
    .execute(&mut **write)
    .await?;
    mark_service(write, publication.product_version).await
}

/// Keeps a publication as it is now; the version's service changes with its strategy.
pub async fn update(write: &mut Write, publication: &Publication) -> Result<()> {
    sqlx::query(
        "update publication set publish_status = $1, application_registration_enabled = $2, \
         auto_approve_registration = $3, auth_strategy_id = $4, updated_at = $5 \
         where publication_id = $6",
    )
    .bind(publication.publish_status.name())
    .bind(i64::from(publication.application_registration_enabled))
    .bind(i64::from(publication.auto_approve_registration))
    .bind(publication.auth_strategy.map(|id| id.to_string()))
    .bind(publication.updated_at.0)
    .bind(publication.id.to_string())
    .execute(&mut **write)
    .await?;
    mark_service(write, publication.product_version).await
}

/// Removes a version's publication; its service closes.
pub async fn remove(write: &mut Write, id: ProductVersionId) -> Result<()> {
    sqlx::query("delete from publication where product_version_id = $1")
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    mark_service(write, id).await
}

async fn mark_service(write: &mut Write, id: ProductVersionId) -> Result<()> {
    if let Some(service) = service::find_by_version(write, id).await? {
        write.changed(Change::Service(service.id));
    }
    Ok(())
}

fn publication(row: &AnyRow) -> Result<Publication> {
    Ok(Publication {
        id: parsed(row, "publication_id")?,
        product_version: parsed(row, "product_version_id")?,
        publish_status: parsed(row, "publish_status")?,
        application_registration_enabled: switch(row, "application_registration_enabled")?,
        auto_approve_registration: switch(row, "auto_approve_registration")?,
        auth_strategy: parsed_or_none(row, "auth_strategy_id")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}
