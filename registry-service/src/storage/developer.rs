//! Developers.

use sqlx::any::AnyRow;

use crate::domain::change::Change;
use crate::domain::developer::{Developer, DeveloperStatus};
use crate::domain::id::{ApplicationId, DeveloperId};
use crate::domain::text::Email;
use crate::storage::list::{Field, Kind, Select};
use crate::storage::row::{found_by, moment, parsed};
use crate::storage::{Connection, List, Result, Wanted, Write, application};

/// What lists of developers may be asked by.
const FIELDS: &[Field] = &[
    Field::named("id", "developer_id", Kind::Id),
    Field::named("email", "email_key", Kind::Text("email_key")),
    Field::column("full_name", Kind::Text("lower(full_name)")),
    Field::column("status", Kind::Name(DeveloperStatus::NAMES)),
    Field::column("created_at", Kind::Moment),
    Field::column("updated_at", Kind::Moment),
];

/// Lists developers, the oldest first unless another order is wanted.
pub async fn list(connection: &mut Connection, wanted: &Wanted) -> Result<List<Developer>> {
    Select::new("*", "developer", "created_at, developer_id")
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, developer)
        .await
}

/// Reads a developer.
pub async fn lookup(connection: &mut Connection, id: DeveloperId) -> Result<Option<Developer>> {
    let text = "select * from developer where developer_id = $1";
    found_by(connection, (text, id.to_string()), developer).await
}

/// Reads the developer with an address, however it is capitalised.
pub async fn find_by_email(
    connection: &mut Connection,
    email: &Email,
) -> Result<Option<Developer>> {
    let text = "select * from developer where email_key = $1";
    found_by(connection, (text, email.key()), developer).await
}

/// Adds a developer, who has no password yet.
pub async fn add(write: &mut Write, developer: &Developer) -> Result<()> {
    sqlx::query(
        "insert into developer (developer_id, email, email_key, full_name, status, created_at, \
         updated_at) values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(developer.id.to_string())
    .bind(developer.email.as_str())
    .bind(developer.email.key())
    .bind(developer.full_name.as_str())
    .bind(developer.status.name())
    .bind(developer.created_at.0)
    .bind(developer.updated_at.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Keeps a developer as they are now: their applications' keys are admitted while they are
/// approved, their log-ins end when they no longer are.
pub async fn update(write: &mut Write, developer: &Developer) -> Result<()> {
    sqlx::query(
        "update developer set full_name = $1, status = $2, updated_at = $3 \
         where developer_id = $4",
    )
    .bind(developer.full_name.as_str())
    .bind(developer.status.name())
    .bind(developer.updated_at.0)
    .bind(developer.id.to_string())
    .execute(&mut **write)
    .await?;
    for application in applications(write, developer.id).await? {
        write.changed(Change::Application(application));
    }
    if developer.status != DeveloperStatus::Approved {
        sqlx::query("delete from session where developer_id = $1")
            .bind(developer.id.to_string())
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

/// Removes a developer with their applications, registrations and credentials.
pub async fn remove(write: &mut Write, id: DeveloperId) -> Result<()> {
    for application in applications(write, id).await? {
        application::remove(write, application).await?;
    }
    sqlx::query("delete from developer where developer_id = $1")
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

async fn applications(connection: &mut Connection, id: DeveloperId) -> Result<Vec<ApplicationId>> {
    let rows = sqlx::query("select application_id from application where developer_id = $1")
        .bind(id.to_string())
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| parsed(row, "application_id"))
        .collect()
}

/// Reads a developer of a row of the table.
pub(super) fn developer(row: &AnyRow) -> Result<Developer> {
    Ok(Developer {
        id: parsed(row, "developer_id")?,
        email: parsed(row, "email")?,
        full_name: parsed(row, "full_name")?,
        status: parsed(row, "status")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}
