//! The portal's one row.

use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::domain::id::ApplicationId;
use crate::domain::portal::Portal;
use crate::domain::text::Prose;
use crate::domain::timestamp::Timestamp;
use crate::storage::row::{moment, parsed, parsed_or_none, switch};
use crate::storage::{Connection, Result, Write};

/// Reads the portal.
pub async fn lookup(connection: &mut Connection) -> Result<Portal> {
    let row = sqlx::query("select * from portal where one = 1")
        .fetch_one(connection)
        .await?;
    portal(&row)
}

/// Keeps the portal as it is now.
pub async fn update(write: &mut Write, portal: &Portal) -> Result<()> {
    sqlx::query(
        "update portal set name = $1, description = $2, is_public = $3, rbac_enabled = $4, \
         auto_approve_developers = $5, auto_approve_applications = $6, revoke_keeps_traffic = $7, \
         default_auth_strategy_id = $8, updated_at = $9 where one = 1",
    )
    .bind(portal.name.as_str())
    .bind(portal.description.as_ref().map(Prose::as_str))
    .bind(i64::from(portal.is_public))
    .bind(i64::from(portal.rbac_enabled))
    .bind(i64::from(portal.auto_approve_developers))
    .bind(i64::from(portal.auto_approve_applications))
    .bind(i64::from(portal.revoke_keeps_traffic))
    .bind(portal.default_auth_strategy.map(|id| id.to_string()))
    .bind(portal.updated_at.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Lists the applications whose keys [`Portal::revoke_keeps_traffic`] is about.
pub async fn applications_without_approved_developer(
    connection: &mut Connection,
) -> Result<Vec<ApplicationId>> {
    let rows = sqlx::query(
        "select a.application_id from application a \
         join developer d on d.developer_id = a.developer_id where d.status <> 'approved'",
    )
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| parsed(row, "application_id"))
        .collect()
}

/// Makes the portal of a registry that has none: private, and asking for every approval.
pub(super) async fn begin(connection: &mut Connection, id: Uuid, now: Timestamp) -> Result<()> {
    sqlx::query(
        "insert into portal (one, portal_id, name, is_public, rbac_enabled, \
         auto_approve_developers, auto_approve_applications, revoke_keeps_traffic, created_at, \
         updated_at) values (1, $1, 'Developer portal', 0, 0, 0, 0, 0, $2, $2) \
         on conflict (one) do nothing",
    )
    .bind(id.to_string())
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

fn portal(row: &AnyRow) -> Result<Portal> {
    Ok(Portal {
        id: parsed(row, "portal_id")?,
        name: parsed(row, "name")?,
        description: parsed_or_none(row, "description")?,
        is_public: switch(row, "is_public")?,
        rbac_enabled: switch(row, "rbac_enabled")?,
        auto_approve_developers: switch(row, "auto_approve_developers")?,
        auto_approve_applications: switch(row, "auto_approve_applications")?,
        revoke_keeps_traffic: switch(row, "revoke_keeps_traffic")?,
        default_auth_strategy: parsed_or_none(row, "default_auth_strategy_id")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}
