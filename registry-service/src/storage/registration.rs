//! Registrations.

use sqlx::any::AnyRow;

use crate::domain::change::Change;
use crate::domain::id::{
    ApiProductId, ApplicationId, DeveloperId, ProductVersionId, RegistrationId,
};
use crate::domain::registration::{Registration, RegistrationStatus};
use crate::domain::text::{Email, Line, Prose};
use crate::storage::list::{Field, Kind, Select};
use crate::storage::row::{moment, parsed, parsed_or_none};
use crate::storage::{Connection, List, Range, Result, Wanted, Write};

pub(super) const OVERVIEW: &str = "r.*, a.name as application_name, d.developer_id, d.email, \
    p.api_product_id, p.name as product_name, v.name as version_name";

pub(super) const OVERVIEW_FROM: &str = "registration r \
    join application a on a.application_id = r.application_id \
    left join developer d on d.developer_id = a.developer_id \
    join product_version v on v.product_version_id = r.product_version_id \
    join api_product p on p.api_product_id = v.api_product_id";

/// What lists of registrations may be asked by.
const FIELDS: &[Field] = &[
    Field::named("id", "r.registration_id", Kind::Id),
    Field::named("status", "r.status", Kind::Name(RegistrationStatus::NAMES)),
    Field::named("application_id", "r.application_id", Kind::Id),
    Field::named("application_name", "a.name", Kind::Text("a.name_key")),
    Field::named("developer_id", "d.developer_id", Kind::Id),
    Field::named("developer_email", "d.email_key", Kind::Text("d.email_key")),
    Field::named("product_id", "p.api_product_id", Kind::Id),
    Field::named("product_name", "p.name", Kind::Text("p.name_key")),
    Field::named("product_version_id", "r.product_version_id", Kind::Id),
    Field::named("product_version_name", "v.name", Kind::Text("v.name_key")),
    Field::named("created_at", "r.created_at", Kind::Moment),
    Field::named("updated_at", "r.updated_at", Kind::Moment),
];

/// A registration and the names of what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The registration.
    pub registration: Registration,
    /// The application's name.
    pub application_name: Line<255>,
    /// Whose the application is.
    pub developer: Option<(DeveloperId, Email)>,
    /// The product.
    pub product: ApiProductId,
    /// The product's name.
    pub product_name: Line<100>,
    /// The version's name.
    pub version_name: Line<255>,
}

/// Lists registrations, the oldest first unless another order is wanted.
pub async fn list(connection: &mut Connection, wanted: &Wanted) -> Result<List<Overview>> {
    Select::new(OVERVIEW, OVERVIEW_FROM, "r.created_at, r.registration_id")
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, overview)
        .await
}

/// Reads a registration and the names of what it is about.
pub async fn overview_of(
    connection: &mut Connection,
    id: RegistrationId,
) -> Result<Option<Overview>> {
    let range = Range {
        limit: 1,
        offset: 0,
    };
    let found = Select::new(OVERVIEW, OVERVIEW_FROM, "r.registration_id")
        .equals("r.registration_id", Some(id.to_string()))
        .list(connection, range, overview)
        .await?;
    Ok(found.items.into_iter().next())
}

/// Reads a registration of an application.
pub async fn lookup(
    connection: &mut Connection,
    application: ApplicationId,
    id: RegistrationId,
) -> Result<Option<Registration>> {
    let row = sqlx::query(
        "select * from registration where registration_id = $1 and application_id = $2",
    )
    .bind(id.to_string())
    .bind(application.to_string())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(registration).transpose()
}

/// Reads an application's registration for a product version.
pub async fn find(
    connection: &mut Connection,
    application: ApplicationId,
    version: ProductVersionId,
) -> Result<Option<Registration>> {
    let row = sqlx::query(
        "select * from registration where application_id = $1 and product_version_id = $2",
    )
    .bind(application.to_string())
    .bind(version.to_string())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(registration).transpose()
}

/// Adds a registration; an approved one gives access at once.
pub async fn add(write: &mut Write, registration: &Registration) -> Result<()> {
    sqlx::query(
        "insert into registration (registration_id, application_id, product_version_id, status, \
         message, reason, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(registration.id.to_string())
    .bind(registration.application.to_string())
    .bind(registration.product_version.to_string())
    .bind(registration.status.name())
    .bind(registration.message.as_ref().map(Prose::as_str))
    .bind(registration.reason.as_ref().map(Prose::as_str))
    .bind(registration.created_at.0)
    .bind(registration.updated_at.0)
    .execute(&mut **write)
    .await?;
    write.changed(Change::Application(registration.application));
    Ok(())
}

/// Keeps a registration as it is now.
pub async fn update(write: &mut Write, registration: &Registration) -> Result<()> {
    sqlx::query(
        "update registration set status = $1, reason = $2, updated_at = $3 \
         where registration_id = $4",
    )
    .bind(registration.status.name())
    .bind(registration.reason.as_ref().map(Prose::as_str))
    .bind(registration.updated_at.0)
    .bind(registration.id.to_string())
    .execute(&mut **write)
    .await?;
    write.changed(Change::Application(registration.application));
    Ok(())
}

/// Removes a registration; the application may ask again.
pub async fn remove(write: &mut Write, registration: &Registration) -> Result<()> {
    sqlx::query("delete from registration where registration_id = $1")
        .bind(registration.id.to_string())
        .execute(&mut **write)
        .await?;
    write.changed(Change::Application(registration.application));
    Ok(())
}

fn registration(row: &AnyRow) -> Result<Registration> {
    Ok(Registration {
        id: parsed(row, "registration_id")?,
        application: parsed(row, "application_id")?,
        product_version: parsed(row, "product_version_id")?,
        status: parsed(row, "status")?,
        message: parsed_or_none(row, "message")?,
        reason: parsed_or_none(row, "reason")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}

/// Reads an overview of a row of [`OVERVIEW`].
pub(super) fn overview(row: &AnyRow) -> Result<Overview> {
    let developer = parsed_or_none(row, "developer_id")?;
    Ok(Overview {
        registration: registration(row)?,
        application_name: parsed(row, "application_name")?,
        developer: developer.zip(parsed_or_none(row, "email")?),
        product: parsed(row, "api_product_id")?,
        product_name: parsed(row, "product_name")?,
        version_name: parsed(row, "version_name")?,
    })
}
