//! A developer's applications.

use sqlx::Row as _;

use crate::domain::application::Application;
use crate::domain::id::{ApplicationId, DeveloperId};
use crate::storage::application::application;
use crate::storage::list::Select;
use crate::storage::{Connection, List, Range, Result};

/// Which of a developer's applications are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Those with this name.
    pub name: Option<String>,
    /// Those whose name contains this, whatever the case.
    pub name_contains: Option<String>,
    /// Those that authenticate like this.
    pub auth_strategy: Option<String>,
}

/// Reads a developer's application.
pub async fn lookup(
    connection: &mut Connection,
    owner: DeveloperId,
    id: ApplicationId,
) -> Result<Option<Application>> {
    let row =
        sqlx::query("select * from application where application_id = $1 and developer_id = $2")
            .bind(id.to_string())
            .bind(owner.to_string())
            .fetch_optional(connection)
            .await?;
    row.as_ref().map(application).transpose()
}

/// Lists a developer's applications, by name.
pub async fn list(
    connection: &mut Connection,
    owner: DeveloperId,
    (wanted, range): (Wanted, Range),
) -> Result<List<Application>> {
    let name_contains = wanted.name_contains.map(|text| text.to_lowercase());
    Select::new("*", "application", "name_key, application_id")
        .equals("developer_id", Some(owner.to_string()))
        .equals("name", wanted.name)
        .contains("name_key", name_contains)
        .equals("auth_strategy_id", wanted.auth_strategy)
        .list(connection, range, application)
        .await
}

/// Counts a developer's applications.
pub async fn count(connection: &mut Connection, owner: DeveloperId) -> Result<i64> {
    let row = sqlx::query("select count(*) as total from application where developer_id = $1")
        .bind(owner.to_string())
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("total")?)
}
