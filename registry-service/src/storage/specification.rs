//! Specifications of product versions.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::id::ProductVersionId;
use crate::domain::specification::{Specification, SpecificationText};
use crate::storage::row::{found_by, moment, parsed};
use crate::storage::{Connection, Result, Write};

/// Finds the specification of a version.
pub async fn find_by_version(
    connection: &mut Connection,
    version: ProductVersionId,
) -> Result<Option<Specification>> {
    let text = "select * from specification where product_version_id = $1";
    found_by(connection, (text, version.to_string()), specification).await
}

/// Adds a specification.
pub async fn add(write: &mut Write, specification: &Specification) -> Result<()> {
    sqlx::query(
        "insert into specification (specification_id, product_version_id, name, content, \
         created_at, updated_at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(specification.id.to_string())
    .bind(specification.version.to_string())
    .bind(specification.name.as_str())
    .bind(specification.content.as_str())
    .bind(specification.created_at.0)
    .bind(specification.updated_at.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Keeps a specification as it is now.
pub async fn update(write: &mut Write, specification: &Specification) -> Result<()> {
    sqlx::query(
        "update specification set name = $1, content = $2, updated_at = $3 \
         where specification_id = $4",
    )
    .bind(specification.name.as_str())
    .bind(specification.content.as_str())
    .bind(specification.updated_at.0)
    .bind(specification.id.to_string())
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Removes a specification.
pub async fn remove(write: &mut Write, version: ProductVersionId) -> Result<()> {
    sqlx::query("delete from specification where product_version_id = $1")
        .bind(version.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

fn specification(row: &AnyRow) -> Result<Specification> {
    Ok(Specification {
        id: parsed(row, "specification_id")?,
        version: parsed(row, "product_version_id")?,
        name: parsed(row, "name")?,
        content: SpecificationText::kept(row.try_get("content")?),
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}
