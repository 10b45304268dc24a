//! Applications and their groups.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use crate::domain::application::Application;
use crate::domain::change::Change;
use crate::domain::id::ApplicationId;
use crate::domain::text::{Line, Prose};
use crate::storage::list::{Field, Kind, Select};
use crate::storage::places::places;
use crate::storage::row::{found_by, moment, moment_or_none, parsed, parsed_or_none};
use crate::storage::{Connection, List, Result, StorageError, Wanted, Write, credential};

/// What lists of applications may be asked by.
const FIELDS: &[Field] = &[
    Field::named("id", "application_id", Kind::Id),
    Field::column("name", Kind::Text("name_key")),
    Field::column("reference_id", Kind::Text("lower(reference_id)")),
    Field::column("developer_id", Kind::Id),
    Field::column("auth_strategy_id", Kind::Id),
    Field::column("created_at", Kind::Moment),
    Field::column("updated_at", Kind::Moment),
];

/// Lists applications, the oldest first unless another order is wanted.
pub async fn list(connection: &mut Connection, wanted: &Wanted) -> Result<List<Application>> {
    Select::new("*", "application", "created_at, application_id")
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, application)
        .await
}

/// Reads an application.
pub async fn lookup(connection: &mut Connection, id: ApplicationId) -> Result<Option<Application>> {
    let text = "select * from application where application_id = $1";
    found_by(connection, (text, id.to_string()), application).await
}

/// Reads the applications that have one of some names, as their id or as their reference id.
pub async fn named(
    connection: &mut Connection,
    names: &BTreeSet<String>,
) -> Result<Vec<Application>> {
    let places = places(1, names.len());
    let text = format!(
        "select * from application where application_id in ({places}) or reference_id in ({places})"
    );
    let mut query = sqlx::query(AssertSqlSafe(text));
    for name in names {
        query = query.bind(name);
    }
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(application).collect()
}

/// Adds an application.
pub async fn add(write: &mut Write, application: &Application) -> Result<()> {
    sqlx::query(
        "insert into application (application_id, developer_id, auth_strategy_id, name, name_key, \
         description, redirect_uri, reference_id, suspended_at, created_at, updated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(application.id.to_string())
    .bind(application.developer.map(|id| id.to_string()))
    .bind(application.auth_strategy.map(|id| id.to_string()))
    .bind(application.name.as_str())
    .bind(application.name.key())
    .bind(application.description.as_ref().map(Prose::as_str))
    .bind(application.redirect_uri.as_ref().map(Prose::as_str))
    .bind(application.reference_id.as_ref().map(Line::as_str))
    .bind(application.suspended_at.map(|at| at.0))
    .bind(application.created_at.0)
    .bind(application.updated_at.0)
    .execute(&mut **write)
    .await?;
    write.changed(Change::Application(application.id));
    Ok(())
}

/// Keeps an application as it is now; its developer and strategy are for good.
pub async fn update(write: &mut Write, application: &Application) -> Result<()> {
    sqlx::query(
        "update application set name = $1, name_key = $2, description = $3, redirect_uri = $4, \
         reference_id = $5, suspended_at = $6, updated_at = $7 where application_id = $8",
    )
    .bind(application.name.as_str())
    .bind(application.name.key())
    .bind(application.description.as_ref().map(Prose::as_str))
    .bind(application.redirect_uri.as_ref().map(Prose::as_str))
    .bind(application.reference_id.as_ref().map(Line::as_str))
    .bind(application.suspended_at.map(|at| at.0))
    .bind(application.updated_at.0)
    .bind(application.id.to_string())
    .execute(&mut **write)
    .await?;
    write.changed(Change::Application(application.id));
    Ok(())
}

/// Removes an application with its groups, registrations and credentials; their keys never come
/// back.
pub async fn remove(write: &mut Write, id: ApplicationId) -> Result<()> {
    for credential in credential::ids_of(write, id).await? {
        credential::remove(write, credential).await?;
    }
    for text in [
        "delete from registration where application_id = $1",
        "delete from application_group where application_id = $1",
        "delete from application where application_id = $1",
    ] {
        let query = sqlx::query(text).bind(id.to_string());
        query.execute(&mut **write).await?;
    }
    write.changed(Change::Application(id));
    Ok(())
}

/// Lists the free groups of an application, by name.
pub async fn groups(connection: &mut Connection, id: ApplicationId) -> Result<Vec<Line<128>>> {
    let rows =
        sqlx::query("select name from application_group where application_id = $1 order by name")
            .bind(id.to_string())
            .fetch_all(connection)
            .await?;
    rows.iter().map(|row| parsed(row, "name")).collect()
}

/// Replaces the free groups of an application.
pub async fn set_groups(write: &mut Write, id: ApplicationId, groups: &[Line<128>]) -> Result<()> {
    sqlx::query("delete from application_group where application_id = $1")
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    for group in groups {
        sqlx::query(
            "insert into application_group (application_id, name) values ($1, $2) \
             on conflict (application_id, name) do nothing",
        )
        .bind(id.to_string())
        .bind(group.as_str())
        .execute(&mut **write)
        .await?;
    }
    write.changed(Change::Application(id));
    Ok(())
}

/// Counts the registrations of an application.
pub async fn count_registrations(connection: &mut Connection, id: ApplicationId) -> Result<i64> {
    let row = sqlx::query("select count(*) as n from registration where application_id = $1")
        .bind(id.to_string())
        .fetch_one(connection)
        .await?;
    row.try_get("n").map_err(StorageError::from)
}

/// Reads an application of a row of the table.
pub(super) fn application(row: &AnyRow) -> Result<Application> {
    Ok(Application {
        id: parsed(row, "application_id")?,
        developer: parsed_or_none(row, "developer_id")?,
        auth_strategy: parsed_or_none(row, "auth_strategy_id")?,
        name: parsed(row, "name")?,
        description: parsed_or_none(row, "description")?,
        redirect_uri: parsed_or_none(row, "redirect_uri")?,
        reference_id: parsed_or_none(row, "reference_id")?,
        suspended_at: moment_or_none(row, "suspended_at")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}
