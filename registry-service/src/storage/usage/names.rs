//! What people call the things that figures are told apart by.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Row as _};

use crate::domain::id::{ApplicationId, ProductVersionId};
use crate::storage::row::parsed;
use crate::storage::{Connection, Result};

/// The names of what is still there.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Of applications.
    pub applications: BTreeMap<ApplicationId, String>,
    /// Of product versions, with their products' before them.
    pub product_versions: BTreeMap<ProductVersionId, String>,
}

/// Reads what applications and product versions are called.
pub async fn names(
    connection: &mut Connection,
    (applications, product_versions): (&[ApplicationId], &[ProductVersionId]),
) -> Result<Names> {
    let mut names = Names::default();
    let text = "select application_id as id, name from application where application_id";
    for row in rows(connection, text, applications).await? {
        let name = row.try_get("name")?;
        names.applications.insert(parsed(&row, "id")?, name);
    }
    let text = "select v.product_version_id as id, p.name || ' - ' || v.name as name \
         from product_version v join api_product p on p.api_product_id = v.api_product_id \
         where v.product_version_id";
    for row in rows(connection, text, product_versions).await? {
        let name = row.try_get("name")?;
        names.product_versions.insert(parsed(&row, "id")?, name);
    }
    Ok(names)
}

async fn rows<T: ToString>(
    connection: &mut Connection,
    text: &str,
    ids: &[T],
) -> Result<Vec<sqlx::any::AnyRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<_> = (1..=ids.len()).map(|number| format!("${number}")).collect();
    let text = format!("{text} in ({})", numbers.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(text));
    for id in ids {
        query = query.bind(id.to_string());
    }
    Ok(query.fetch_all(connection).await?)
}
