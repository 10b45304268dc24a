//! API products and their versions.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::change::Change;
use crate::domain::id::{ApiProductId, ProductVersionId};
use crate::domain::product::{ApiProduct, ProductVersion};
use crate::domain::text::Prose;
use crate::storage::list::{Field, Kind, Select};
use crate::storage::row::{found_by, json, moment, parsed, parsed_or_none, switch, to_json};
use crate::storage::{Connection, List, Result, Wanted, Write, service};

/// What lists of products may be asked by.
const FIELDS: &[Field] = &[
    Field::named("id", "api_product_id", Kind::Id),
    Field::column("name", Kind::Text("name_key")),
    Field::column("created_at", Kind::Moment),
    Field::column("updated_at", Kind::Moment),
];

/// What lists of versions may be asked by.
const VERSION_FIELDS: &[Field] = &[
    Field::named("id", "product_version_id", Kind::Id),
    Field::column("name", Kind::Text("name_key")),
    Field::column("deprecated", Kind::Switch),
    Field::column("created_at", Kind::Moment),
    Field::column("updated_at", Kind::Moment),
];

/// Lists products, the oldest first unless another order is wanted.
pub async fn list(connection: &mut Connection, wanted: &Wanted) -> Result<List<ApiProduct>> {
    Select::new("*", "api_product", "created_at, api_product_id")
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, product)
        .await
}

/// Reads a product.
pub async fn lookup(connection: &mut Connection, id: ApiProductId) -> Result<Option<ApiProduct>> {
    let text = "select * from api_product where api_product_id = $1";
    found_by(connection, (text, id.to_string()), product).await
}

/// Adds a product.
pub async fn add(write: &mut Write, product: &ApiProduct) -> Result<()> {
    sqlx::query(
        "insert into api_product (api_product_id, name, name_key, description, labels, \
         public_labels, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(product.id.to_string())
    .bind(product.name.as_str())
    .bind(product.name.key())
    .bind(product.description.as_ref().map(Prose::as_str))
    .bind(to_json(&product.labels, "labels")?)
    .bind(to_json(&product.public_labels, "public_labels")?)
    .bind(product.created_at.0)
    .bind(product.updated_at.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Keeps a product as it is now.
pub async fn update(write: &mut Write, product: &ApiProduct) -> Result<()> {
    sqlx::query(
        "update api_product set name = $1, name_key = $2, description = $3, labels = $4, \
         public_labels = $5, updated_at = $6 where api_product_id = $7",
    )
    .bind(product.name.as_str())
    .bind(product.name.key())
    .bind(product.description.as_ref().map(Prose::as_str))
    .bind(to_json(&product.labels, "labels")?)
    .bind(to_json(&product.public_labels, "public_labels")?)
    .bind(product.updated_at.0)
    .bind(product.id.to_string())
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Removes a product with its versions, and with them services, publications and registrations.
pub async fn remove(write: &mut Write, id: ApiProductId) -> Result<()> {
    for version in versions_of(write, id).await? {
        remove_version(write, version).await?;
    }
    sqlx::query("delete from api_product where api_product_id = $1")
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Counts the versions of a product.
pub async fn count_versions(connection: &mut Connection, id: ApiProductId) -> Result<i64> {
    let row = sqlx::query("select count(*) as n from product_version where api_product_id = $1")
        .bind(id.to_string())
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("n")?)
}

/// Lists versions of a product, the oldest first unless another order is wanted.
pub async fn list_versions(
    connection: &mut Connection,
    id: ApiProductId,
    wanted: &Wanted,
) -> Result<List<ProductVersion>> {
    Select::new("*", "product_version", "created_at, product_version_id")
        .equals("api_product_id", Some(id.to_string()))
        .wanted(VERSION_FIELDS, wanted)?
        .list(connection, wanted.range, version)
        .await
}

/// Reads a version.
pub async fn lookup_version(
    connection: &mut Connection,
    id: ProductVersionId,
) -> Result<Option<ProductVersion>> {
    let text = "select * from product_version where product_version_id = $1";
    found_by(connection, (text, id.to_string()), version).await
}

/// Adds a version.
pub async fn add_version(write: &mut Write, version: &ProductVersion) -> Result<()> {
    sqlx::query(
        "insert into product_version (product_version_id, api_product_id, name, name_key, \
         deprecated, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(version.id.to_string())
    .bind(version.product.to_string())
    .bind(version.name.as_str())
    .bind(version.name.key())
    .bind(i64::from(version.deprecated))
    .bind(version.created_at.0)
    .bind(version.updated_at.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Keeps a version as it is now.
pub async fn update_version(write: &mut Write, version: &ProductVersion) -> Result<()> {
    sqlx::query(
        "update product_version set name = $1, name_key = $2, deprecated = $3, updated_at = $4 \
         where product_version_id = $5",
    )
    .bind(version.name.as_str())
    .bind(version.name.key())
    .bind(i64::from(version.deprecated))
    .bind(version.updated_at.0)
    .bind(version.id.to_string())
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Removes a version with its service, its publication and the registrations for it.
pub async fn remove_version(write: &mut Write, id: ProductVersionId) -> Result<()> {
    if let Some(service) = service::find_by_version(write, id).await? {
        service::remove(write, service.id).await?;
    }
    let applications =
        sqlx::query("select application_id from registration where product_version_id = $1")
            .bind(id.to_string())
            .fetch_all(&mut **write)
            .await?;
    for row in &applications {
        write.changed(Change::Application(parsed(row, "application_id")?));
    }
    for text in [
        "delete from registration where product_version_id = $1",
        "delete from publication where product_version_id = $1",
        "delete from product_version where product_version_id = $1",
    ] {
        let query = sqlx::query(text).bind(id.to_string());
        query.execute(&mut **write).await?;
    }
    Ok(())
}

async fn versions_of(
    connection: &mut Connection,
    id: ApiProductId,
) -> Result<Vec<ProductVersionId>> {
    let rows =
        sqlx::query("select product_version_id from product_version where api_product_id = $1")
            .bind(id.to_string())
            .fetch_all(connection)
            .await?;
    rows.iter()
        .map(|row| parsed(row, "product_version_id"))
        .collect()
}

/// Reads a product of a row of the table.
pub(super) fn product(row: &AnyRow) -> Result<ApiProduct> {
    Ok(ApiProduct {
        id: parsed(row, "api_product_id")?,
        name: parsed(row, "name")?,
        description: parsed_or_none(row, "description")?,
        labels: json(row, "labels")?,
        public_labels: json(row, "public_labels")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}

/// Reads a version of a row of the table.
pub(super) fn version(row: &AnyRow) -> Result<ProductVersion> {
    Ok(ProductVersion {
        id: parsed(row, "product_version_id")?,
        product: parsed(row, "api_product_id")?,
        name: parsed(row, "name")?,
        deprecated: switch(row, "deprecated")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}
